// Jobs in, replies out, over 0 to `maxWorkers` threads: calls of one function in order, functions side by side.

import { WasmateError } from '../base/errors.ts'
import type { CallReply } from './messages.ts'
import { type Job, Thread } from './thread.ts'

export interface PoolOptions {
  maxWorkers: number
  /** How long a thread without work is kept. */
  idleMs: number
  workerUrl: URL | string
}

interface Waiting {
  job: Job
  resolve(reply: CallReply): void
  reject(error: unknown): void
  withdraw(): void
}

interface Member {
  thread: Thread
  state: 'starting' | 'idle' | 'running'
  reaper?: NodeJS.Timeout
}

export class Pool {
  readonly #options: PoolOptions
  readonly #members = new Set<Member>()
  /** Jobs that wait, by function. */
  readonly #queues = new Map<string, Waiting[]>()
  /** Functions that have a job waiting and none running; the longest waiting first. */
  readonly #turns = new Set<string>()
  readonly #running = new Set<string>()
  #isStopped = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Starts a thread ahead of the first job, and waits for nothing. */
  warm(): void {
    if (this.#members.size === 0 && !this.#isStopped) this.#spawn()
  }

  /** Rejects with CANCELLED on the job's signal or `stop`, with CALL_TIMEOUT, MEMORY_LIMIT or INTERNAL. */
  run(job: Job): Promise<CallReply> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return reject(new WasmateError('CANCELLED', 'the runner is stopped'))
      if (job.signal?.aborted) return reject(new WasmateError('CANCELLED'))
      const waiting: Waiting = { job, resolve, reject, withdraw: () => this.#withdraw(waiting) }
      const queue = this.#queues.get(job.function)
      if (queue) queue.push(waiting)
      else this.#queues.set(job.function, [waiting])
      job.signal?.addEventListener('abort', waiting.withdraw)
      if (!this.#running.has(job.function)) this.#turns.add(job.function)
      this.#pump()
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const stopped = new WasmateError('CANCELLED', 'the runner is stopped')
    this.#rejectWaiting(stopped)
    await Promise.all(Array.from(this.#members, ({ thread }) => thread.end(stopped)))
  }

  #pump(): void {
    for (const name of this.#turns) {
      const waiting = this.#queues.get(name)?.[0]
      const member = waiting && this.#pick(waiting.job.instance)
      if (!member) break
      this.#dispatch(waiting, member)
    }
    const members = [...this.#members]
    const starting = members.filter(({ state }) => state === 'starting').length
    const wanted = Math.min(this.#turns.size - starting, this.#options.maxWorkers - members.length)
    for (let left = wanted; left > 0; left--) this.#spawn()
  }

  /** An idle thread, if it can be one that has the instance already. */
  #pick(instance: string): Member | undefined {
    let picked: Member | undefined
    for (const member of this.#members) {
      if (member.state !== 'idle') continue
      if (member.thread.holds(instance)) return member
      picked ??= member
    }
    return picked
  }

  #dispatch({ job, resolve, reject }: Waiting, member: Member): void {
    this.#take(job.function)
    this.#running.add(job.function)
    member.state = 'running'
    const release = (): void => {
      this.#running.delete(job.function)
      if (this.#queues.has(job.function)) this.#turns.add(job.function)
      if (this.#members.has(member)) this.#rest(member)
      this.#pump()
    }
    member.thread.run(job).then(resolve, reject).finally(release)
  }

  #take(name: string): void {
    this.#turns.delete(name)
    const queue = this.#queues.get(name)
    const taken = queue?.shift()
    taken?.job.signal?.removeEventListener('abort', taken.withdraw)
    if (queue?.length === 0) this.#queues.delete(name)
  }

  #withdraw(waiting: Waiting): void {
    const name = waiting.job.function
    const queue = this.#queues.get(name)
    const index = queue?.indexOf(waiting) ?? -1
    if (!queue || index === -1) return
    queue.splice(index, 1)
    waiting.job.signal?.removeEventListener('abort', waiting.withdraw)
    if (queue.length === 0) {
      this.#queues.delete(name)
      this.#turns.delete(name)
    }
    waiting.reject(new WasmateError('CANCELLED'))
  }

  #rest(member: Member): void {
    member.state = 'idle'
    const reap = (): void => {
      if (member.state === 'idle') void member.thread.end(new WasmateError('CANCELLED', 'idle'))
    }
    if (member.reaper) member.reaper.refresh()
    else member.reaper = setTimeout(reap, this.#options.idleMs).unref()
  }

  #spawn(): void {
    const thread = new Thread(this.#options.workerUrl, {
      ready: () => {
        this.#rest(member)
        this.#pump()
      },
      ended: (error) => this.#lose(member, error),
    })
    const member: Member = { thread, state: 'starting' }
    this.#members.add(member)
  }

  // The next call should not wait for a thread because the last one ran away with it.
  #lose(member: Member, error: WasmateError): void {
    clearTimeout(member.reaper)
    this.#members.delete(member)
    if (this.#isStopped) return
    if (member.state === 'running') this.warm()
    if (member.state !== 'starting') return
    // A thread that can't even start would be started for ever.
    if (this.#members.size === 0) this.#rejectWaiting(error)
  }

  #rejectWaiting(error: WasmateError): void {
    const waiting = [...this.#queues.values()].flat()
    this.#queues.clear()
    this.#turns.clear()
    for (const { job, reject, withdraw } of waiting) {
      job.signal?.removeEventListener('abort', withdraw)
      reject(error)
    }
  }
}
