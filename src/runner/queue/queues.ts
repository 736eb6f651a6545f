// The queues of all functions, in the order of their turns: who was served last comes last.

import type { WasmateError } from '../../base/errors.ts'
import type { Job } from '../job.ts'
import { FunctionQueue } from './queue.ts'

const maxKnown = 4_096

export class Queues {
  /** Also of functions that rest: how long their calls took is worth keeping. Least recently called first. */
  readonly #known = new Map<string, FunctionQueue>()
  /** Those with calls that wait. */
  readonly #waiting = new Set<FunctionQueue>()

  /** Of the function of that name, made when there is none; the name counts as called. */
  of(name: string): FunctionQueue {
    const queue = this.#known.get(name) ?? new FunctionQueue(name)
    // Before it is kept: what is new has no calls yet, and is not to be forgotten for that.
    if (!this.#known.delete(name) && this.#known.size >= maxKnown) this.#forgetOne()
    this.#known.set(name, queue)
    return queue
  }

  find(name: string): FunctionQueue | undefined {
    return this.#known.get(name)
  }

  /** Functions with calls that wait or run. */
  get busy(): FunctionQueue[] {
    return [...this.#known.values()].filter(({ length, running }) => length + running > 0)
  }

  /** In the order of their turns. */
  get waiting(): FunctionQueue[] {
    return [...this.#waiting]
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  push(queue: FunctionQueue, job: Job): void {
    queue.push(job)
    this.#waiting.add(queue)
  }

  /** Calls that were taken and not begun, back to the front; the queue keeps its turn. */
  putBack(queue: FunctionQueue, jobs: Job[]): void {
    if (jobs.length === 0) return
    queue.putBack(jobs)
    this.#waiting.add(queue)
  }

  remove(job: Job): void {
    this.#known.get(job.function)?.remove(job)
  }

  /** Had its turn: others come first next time. */
  served(queue: FunctionQueue): void {
    this.#waiting.delete(queue)
    if (queue.length > 0) this.#waiting.add(queue)
  }

  settleAll(error: WasmateError): void {
    for (const queue of this.#waiting) for (const job of queue.clear()) job.settle(error)
    this.#waiting.clear()
  }

  #forgetOne(): void {
    for (const [name, { length, running }] of this.#known) {
      if (length + running === 0) return void this.#known.delete(name)
    }
  }
}
