// Calls in, replies out, over 0 to `maxWorkers` threads: up when work waits, down when there is none. A function has
// its share of the threads and of the queue, and no more.

import { WasmateError } from '../base/errors.ts'
import { type Job, instanceKey } from './job.ts'
import { type Cause, type Decision, Decisions } from './decisions.ts'
import type { FunctionQueue } from './queue/queue.ts'
import { Queues } from './queue/queues.ts'
import type { ThreadSettings } from './messages.ts'
import { Thread } from './thread.ts'

export interface PoolOptions extends ThreadSettings {
  /** Most threads there are at one time. */
  maxWorkers: number
  /** Most of them that run one function. */
  maxWorkersPerFunction: number
  /** Most calls of a function that wait. */
  maxQueue: number
  /** How long a thread without work is kept. */
  idleMs: number
  workerUrl: URL | string
  onDecision?: (decision: Decision) => void
}

interface Member {
  thread: Thread
  state: 'starting' | 'idle' | 'running' | 'ending'
  idleSince: number
  queue?: FunctionQueue | undefined
}

export interface PoolState {
  workers: Record<Member['state'], number>
  /** Functions with calls that wait or run. */
  functions: { name: string; waiting: number; running: number }[]
  /** Since the start: threads started and ended, calls refused, each by its cause. */
  decided: Decisions['counts']
}

/** A wait that is worth a thread, which takes some 50 ms to start. */
const scaleAfterMs = 5
/** How often limits and idle threads are looked at. */
const sweepMs = 10
/** A thread that takes longer to start does not start. */
const startLimitMs = 30_000

export class Pool {
  readonly #options: PoolOptions
  readonly #decisions: Decisions
  readonly #members = new Set<Member>()
  readonly #queues = new Queues()
  #sweeper: NodeJS.Timeout | undefined
  #isPumpDue = false
  #isStopped = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#decisions = new Decisions(options.onDecision)
  }

  /** Starts a thread ahead of the first call, and waits for nothing. */
  warm(): void {
    if (this.#members.size === 0 && !this.#isStopped)
      this.#spawn({ cause: 'ahead', reason: 'ahead of the first call' })
  }

  get state(): PoolState {
    const workers = { starting: 0, idle: 0, running: 0, ending: 0 }
    for (const { state } of this.#members) workers[state]++
    return {
      workers,
      functions: this.#queues.busy.map(({ name, length, running }) => ({ name, waiting: length, running })),
      decided: this.#decisions.counts,
    }
  }

  /** Settles the job: with its reply, CALL_TIMEOUT, MEMORY_LIMIT, CANCELLED, INTERNAL, or QUEUE_FULL at once. */
  submit(job: Job): void {
    if (this.#isStopped) return job.settle(stopped())
    const queue = this.#queues.of(job.function)
    if (queue.length >= this.#options.maxQueue) {
      const why = { cause: 'queue_full', reason: `${queue.length} calls wait` } as const
      this.#decisions.add('refuse', why, this.#members.size, job.function)
      return job.settle(new WasmateError('QUEUE_FULL', `${job.function}: ${queue.length} calls wait already`))
    }
    this.#queues.push(queue, job)
    // What comes in the same tick leaves in the same message.
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => this.#pump())
  }

  /** Nobody waits for it any more: it is not begun, or ended when it goes on for long. */
  withdraw(job: Job): void {
    if (job.isSettled) return
    job.abandonedAt = performance.now()
    this.#queues.remove(job)
    for (const { thread } of this.#members) thread.withdraw(job)
    job.settle(new WasmateError('CANCELLED'))
  }

  /** Calls that run or wait are settled with CANCELLED. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#sweeper)
    this.#queues.settleAll(stopped())
    await Promise.all(Array.from(this.#members, ({ thread }) => thread.end(stopped())))
    this.#queues.settleAll(stopped())
  }

  #pump(): void {
    this.#isPumpDue = false
    if (this.#isStopped) return
    for (const queue of this.#queues.waiting) this.#serve(queue)
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs).unref()
  }

  #serve(queue: FunctionQueue): void {
    for (let job = queue.first; job && this.#mayRun(queue, job); job = queue.first) {
      const member = this.#pick(instanceKey(job))
      if (!member) return this.#scale(queue)
      this.#dispatch(queue, member)
    }
    if (queue.length === 0) this.#queues.served(queue)
  }

  /** Vars are shared, so who reads and writes them takes turns. */
  #mayRun(queue: FunctionQueue, job: Job): boolean {
    return queue.running < (job.vars ? 1 : this.#options.maxWorkersPerFunction)
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

  #dispatch(queue: FunctionQueue, member: Member): void {
    member.state = 'running'
    member.queue = queue
    queue.running++
    const jobs = queue.take()
    this.#queues.served(queue)
    member.thread.run(jobs)
  }

  #scale(queue: FunctionQueue): void {
    const { size } = this.#members
    if (size >= this.#options.maxWorkers) return
    // One at a time: the next is asked for when this one is there and work waits all the same.
    for (const { state } of this.#members) if (state === 'starting') return
    const waitedMs = Math.round(queue.waitedMs)
    if (size === 0)
      this.#spawn({ cause: 'no_thread', reason: 'a call waits and there is no thread' }, queue.name)
    else if (waitedMs >= scaleAfterMs)
      this.#spawn({ cause: 'wait', reason: `a call has waited ${waitedMs} ms` }, queue.name)
  }

  #spawn(why: { cause: Cause<'start'>; reason: string }, name?: string): void {
    const thread: Thread = new Thread(
      this.#options.workerUrl,
      {
        ready: () => this.#rest(member),
        idle: (unbegun) => this.#finish(member, unbegun),
        returned: (unbegun) => void (member.queue && this.#queues.putBack(member.queue, unbegun)),
        ended: (error, unbegun) => this.#lose(member, error, unbegun),
      },
      { hostFunctions: this.#options.hostFunctions, allowedPaths: this.#options.allowedPaths },
    )
    const member: Member = { thread, state: 'starting', idleSince: 0 }
    this.#members.add(member)
    this.#decisions.add('start', why, this.#members.size, name)
  }

  #rest(member: Member): void {
    member.state = 'idle'
    member.idleSince = performance.now()
    this.#pump()
  }

  #finish(member: Member, unbegun: Job[]): void {
    this.#release(member, unbegun)
    this.#rest(member)
  }

  #release(member: Member, unbegun: Job[]): void {
    const { queue } = member
    if (!queue) return
    member.queue = undefined
    queue.running--
    this.#queues.putBack(queue, unbegun)
  }

  #lose(member: Member, error: WasmateError, unbegun: Job[]): void {
    this.#members.delete(member)
    const { state, queue } = member
    this.#release(member, unbegun)
    const why = { cause: this.#isStopped ? 'stop' : causeOf(state, error), reason: error.message }
    this.#decisions.add('end', why, this.#members.size, queue?.name)
    if (this.#isStopped) return
    // A thread that can't even start would be started for ever.
    if (state === 'starting' && this.#members.size === 0) this.#queues.settleAll(error)
    // The next call should not wait for a thread because the last one ran away with it.
    if (state === 'running' && this.#members.size === 0) {
      this.#spawn({ cause: 'replace', reason: 'the last thread ended with its call' })
    }
    this.#pump()
  }

  #sweep(): void {
    for (const member of this.#members) {
      member.thread.sweep()
      if (member.thread.startingMs > startLimitMs) {
        void member.thread.end(new WasmateError('INTERNAL', 'a worker thread does not start'))
      }
      if (member.state === 'idle' && performance.now() - member.idleSince >= this.#options.idleMs) {
        member.state = 'ending'
        void member.thread.end(new WasmateError('CANCELLED', `idle for ${this.#options.idleMs} ms`))
      }
    }
    this.#pump()
    if (this.#members.size > 0 || !this.#queues.isEmpty) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  /** To be told how long a call took: batches are cut by it. */
  tookMs(name: string, durationMs: number): void {
    this.#queues.find(name)?.tookMs(durationMs)
  }
}

/** Why a thread that was in this state ended with this error. */
function causeOf(state: Member['state'], error: WasmateError): Cause<'end'> {
  if (state === 'ending') return 'idle'
  if (error.code === 'CALL_TIMEOUT') return 'timeout'
  if (error.code === 'MEMORY_LIMIT') return 'memory'
  return error.code === 'CANCELLED' ? 'cancelled' : 'crash'
}

function stopped(): WasmateError {
  return new WasmateError('CANCELLED', 'the runner is stopped')
}
