// A name and its current version -> allowed, loaded, answering. What fails is kept with its reason and tried again;
// the version before goes on answering meanwhile.

import { WasmateError, describe, fromProblem, toProblem, toWasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { LoadRequest } from './load.ts'
import type { Context, Registration } from '../model.ts'
import { type Served, type ServedVersion, isSame } from './served.ts'
import type { Report, Step } from '../steps.ts'

export interface BringUpStages {
  /** Throws NOT_ATTESTED or VERSION_YANKED when the network's policy does not let this version run. */
  allow(name: string, version: ServedVersion, context: Context): Promise<void>
  loader: { load(request: LoadRequest, context: Context, report: Report): Promise<void> }
  served: Served
  log: Log
  /** Told of each fetch and load. */
  onStep(name: string, step: Step): void
}

/** What became of the current version of a name: it answers, or why not. */
type Outcome = (name: string, version: number, failure: unknown) => void

const firstRetryMs = 500
const longestRetryMs = 60_000
const maxAtOnce = 4

export class BringUp {
  readonly #stages: BringUpStages
  readonly #outcomes = new Set<Outcome>()
  /** Names under way or waiting to be tried again. */
  readonly #names = new Set<string>()
  readonly #work = new Set<Promise<void>>()
  readonly #wakes = new Map<string, () => void>()
  /** Names that something happened to since their last attempt began. */
  readonly #stirred = new Set<string>()
  readonly #signals = new WeakSet<AbortSignal>()
  readonly #slots = new Slots(maxAtOnce)

  constructor(stages: BringUpStages) {
    this.#stages = stages
  }

  /** Sees to it that the current version answers, whichever that is by then; one that waits is tried at once. */
  start(name: string, signal: AbortSignal): void {
    this.#listenTo(signal)
    this.#stirred.add(name)
    this.#wakes.get(name)?.()
    if (this.#names.has(name)) return
    this.#names.add(name)
    const work = this.#run(name, signal).finally(() => this.#work.delete(work))
    this.#work.add(work)
  }

  /** A version that answers and that the policy does not let run any more stops answering. */
  async recheck(name: string, signal: AbortSignal): Promise<void> {
    const { served, log } = this.#stages
    const answering = served.answering(name)
    if (!answering) return
    try {
      await this.#slots.run(() => this.#stages.allow(name, answering, { signal }))
    } catch (error) {
      if (signal.aborted || !isRefusal(error) || served.answering(name) !== answering) return
      log.warn(`${name} v${answering.version} does not answer any more: ${describe(error)}`)
      await this.#write(served.silence(name))
      this.start(name, signal)
    }
  }

  /** Resolves when nothing is under way any more, which an aborted signal brings about. */
  async ended(): Promise<void> {
    await Promise.all(this.#work)
  }

  /** Resolves when this version of the name, or what followed it, answers; throws why it does not. */
  async answers(registration: Registration, signal?: AbortSignal): Promise<void> {
    const { name, version, blockNumber } = registration
    const { served } = this.#stages
    const answering = served.answering(name)
    if (answering && (answering.version > version || isSame(answering, registration))) return
    const known = served.problem(name)
    if (known && isSame(known, registration)) throw fromProblem(known.problem)
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        this.#outcomes.delete(outcome)
        signal?.removeEventListener('abort', abort)
      }
      const outcome: Outcome = (settled, settledVersion, failure) => {
        if (settled !== name) return
        // Something else may have been made current since: then that is what there is to wait for.
        if (settledVersion < version && served.currentSince(name) <= blockNumber) return
        done()
        if (failure === undefined) resolve()
        else reject(toWasmateError(failure))
      }
      const abort = (): void => {
        done()
        reject(toWasmateError(signal?.reason))
      }
      this.#outcomes.add(outcome)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  async #run(name: string, signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs
    while (!signal.aborted && !this.#isSettled(name)) {
      this.#stirred.delete(name)
      const wanted = this.#stages.served.current(name)
      const failure = wanted && (await this.#attempt(name, wanted, signal))
      if (failure === undefined) continue
      await this.#waitToRetry(name, isRefusal(failure) ? undefined : retryMs, signal)
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    }
    this.#names.delete(name)
  }

  /** Whether there is nothing to bring up: it answers, or no version is current. */
  #isSettled(name: string): boolean {
    const { served } = this.#stages
    const wanted = served.current(name)
    if (wanted && !isSame(served.answering(name), wanted)) return false
    const none = new WasmateError('VERSION_YANKED', `${name} has no current version`)
    this.#settle(name, wanted?.version ?? 0, wanted ? undefined : none)
    return true
  }

  /** Gives why it failed. */
  async #attempt(name: string, wanted: ServedVersion, signal: AbortSignal): Promise<unknown> {
    const { served, log } = this.#stages
    try {
      await this.#slots.run(() => this.#loadOne(name, wanted, signal))
    } catch (error) {
      if (signal.aborted) return error
      log.warn(`${name} v${wanted.version} does not answer yet: ${describe(error)}`)
      served.setProblem({ name, version: wanted.version, cid: wanted.cid, problem: toProblem(error) })
      if (served.answering(name)?.yanked) await this.#write(served.silence(name))
      this.#settle(name, wanted.version, error)
      return error
    }
    await this.#write(served.setAnswering(name, wanted))
    return undefined
  }

  async #loadOne(name: string, wanted: ServedVersion, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { allow, loader, served, onStep } = this.#stages
    await allow(name, wanted, { signal })
    const { cid, sha256, size } = wanted
    const limits = served.callOptions(name).options
    await loader.load({ cid, limits, expected: { sha256, size } }, { signal }, (step) => onStep(name, step))
  }

  /** Without a time only what happens to the name ends the wait: a newer version, an attestation. */
  #waitToRetry(name: string, ms: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#wakes.delete(name)
        resolve()
      }
      const timer = ms === undefined ? undefined : setTimeout(done, ms)
      this.#wakes.set(name, done)
      if (signal.aborted || this.#stirred.has(name)) done()
    })
  }

  /** Once for all the names that wait. */
  #listenTo(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return
    this.#signals.add(signal)
    const wakeAll = (): void => [...this.#wakes.values()].forEach((wake) => wake())
    signal.addEventListener('abort', wakeAll, { once: true })
  }

  /** A table that can't be written is written with the next change: it answers all the same. */
  async #write(saved: Promise<void>): Promise<void> {
    await saved.catch((error: unknown) =>
      this.#stages.log.error(`what answers is not saved: ${describe(error)}`),
    )
  }

  #settle(name: string, version: number, failure: unknown): void {
    for (const outcome of [...this.#outcomes]) outcome(name, version, failure)
  }
}

/** Only an event of the name can change it. */
function isRefusal(error: unknown): boolean {
  return error instanceof WasmateError && (error.code === 'NOT_ATTESTED' || error.code === 'VERSION_YANKED')
}

/** So many at one time, and of those that wait the latest first: it is what somebody is looking at. */
class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.pop()
      if (next) next()
      else this.#free++
    }
  }
}
