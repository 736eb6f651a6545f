// The calls of one function that wait, how many threads run it, and how long it takes: what batches are cut by.

import { type Job, canShareBatch } from '../job.ts'
import { maxBatch } from '../ledger.ts'

/** Work that a thread is given at a time: enough to make the message worth it, little enough to stay fair. */
const batchMs = 2
const smoothing = 0.2
/** Inputs of a batch are copied into one message. */
const batchBytes = 1024 * 1024

export class FunctionQueue {
  readonly name: string
  /** Threads that run it now. */
  running = 0
  #jobs: Job[] = []
  #first = 0
  /** Smoothed duration of a call; unknown at first. */
  #callMs: number | undefined

  constructor(name: string) {
    this.name = name
  }

  get length(): number {
    return this.#jobs.length - this.#first
  }

  /** How long the first has waited. */
  get waitedMs(): number {
    const job = this.#jobs[this.#first]
    return job ? performance.now() - job.queuedAt : 0
  }

  get first(): Job | undefined {
    return this.#jobs[this.#first]
  }

  push(job: Job): void {
    this.#jobs.push(job)
  }

  /** Back to where they came from: they were taken first. */
  putBack(jobs: Job[]): void {
    this.#jobs = [...jobs, ...this.#jobs.slice(this.#first)]
    this.#first = 0
  }

  remove(job: Job): boolean {
    const index = this.#jobs.indexOf(job, this.#first)
    if (index === -1) return false
    this.#jobs.splice(index, 1)
    return true
  }

  /** Calls for one thread, from the first on; a function that is not known yet or takes long gets one at a time. */
  take(): Job[] {
    const first = this.first
    if (!first) return []
    const most = this.#callMs === undefined ? 1 : Math.max(1, Math.floor(batchMs / this.#callMs))
    const taken = [first]
    let bytes = first.input.length
    this.#first++
    for (let job = this.first; job && taken.length < Math.min(most, maxBatch); job = this.first) {
      bytes += job.input.length
      if (!canShareBatch(first, job) || bytes > batchBytes) break
      taken.push(job)
      this.#first++
    }
    this.#compact()
    return taken
  }

  clear(): Job[] {
    const jobs = this.#jobs.slice(this.#first)
    this.#jobs = []
    this.#first = 0
    return jobs
  }

  tookMs(durationMs: number): void {
    const known = this.#callMs ?? durationMs
    this.#callMs = known + (durationMs - known) * smoothing
  }

  /** The front is cut off now and then, not at each call. */
  #compact(): void {
    if (this.#first < 1024 && this.#first < this.#jobs.length) return
    this.#jobs = this.#jobs.slice(this.#first)
    this.#first = 0
  }
}
