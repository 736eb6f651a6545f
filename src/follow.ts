// Flow down: registry event -> fetch by CID -> verify -> load. A name answers with its current version as soon
// as that is loaded, and with the one before until then.

import { describe, toWasmateError } from './base/errors.ts'
import type { Log } from './base/log.ts'
import { pause } from './base/pause.ts'
import type { LoadRequest } from './load.ts'
import type { Context, RegisteredVersion, Registration, RegistryEvent } from './model.ts'
import type { Served, ServedVersion } from './served.ts'
import { type Report, type Step, elapsed } from './steps.ts'

export interface FollowStages {
  /** Every event after block `cursor`, each once and in order, until the signal ends it. */
  events(cursor: number, signal: AbortSignal): AsyncIterable<RegistryEvent>
  getVersion(name: string, version: number): Promise<RegisteredVersion>
  loader: { load(request: LoadRequest, context: Context, report: Report): Promise<void> }
  served: Served
  log: Log
}

type Listener = (name: string, step: Step) => void
type Outcome = (name: string, version: number, failure: unknown) => void

const firstRetryMs = 500
const longestRetryMs = 60_000

export class Follower {
  readonly #stages: FollowStages
  readonly #listeners = new Set<Listener>()
  readonly #outcomes = new Set<Outcome>()
  readonly #loading = new Map<string, Promise<void>>()

  constructor(stages: FollowStages) {
    this.#stages = stages
  }

  /** Told of each event, fetch and load, with the name it belongs to; gives the way to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Works until the signal ends it; then waits for the loads under way. */
  async run(signal: AbortSignal): Promise<void> {
    for (const name of this.#stages.served.behind()) this.#bringUp(name, signal)
    while (!signal.aborted) {
      await this.#followEvents(signal)
      await pause(firstRetryMs, signal)
    }
    await Promise.all(this.#loading.values())
  }

  /** What can't be recorded, a full disk say, is read again from the last block that was. */
  async #followEvents(signal: AbortSignal): Promise<void> {
    const { served, events, log } = this.#stages
    try {
      for await (const event of events(served.cursor, signal)) await this.#take(event, signal)
    } catch (error) {
      if (!signal.aborted) log.error(`following the registry was interrupted: ${describe(error)}`)
    }
  }

  /** Resolves when this version of the name, or a later one, answers; throws why its first load failed. */
  async answers({ name, version, cid }: Registration, signal?: AbortSignal): Promise<void> {
    const answering = this.#stages.served.answering(name)
    if (answering && (answering.version > version || isSame(answering, { version, cid }))) return
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        this.#outcomes.delete(outcome)
        signal?.removeEventListener('abort', abort)
      }
      const outcome: Outcome = (loaded, loadedVersion, failure) => {
        if (loaded !== name || loadedVersion < version) return
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

  async #take(event: RegistryEvent, signal: AbortSignal): Promise<void> {
    const from = performance.now()
    const { name, version, blockNumber } = event
    // The block may hold more events: only those before it are surely worked off.
    const cursor = blockNumber - 1
    if (version === 0) return this.#stages.served.remove(name, cursor)
    const { cid, sha256, size } =
      event.kind === 'published' ? event : await this.#stages.getVersion(name, version)
    await this.#stages.served.setCurrent(name, { cid, sha256, size, version }, cursor)
    this.#tell(name, { step: 'event', ms: elapsed(from), facts: { name, version, block: blockNumber } })
    this.#bringUp(name, signal)
  }

  #bringUp(name: string, signal: AbortSignal): void {
    if (this.#loading.has(name)) return
    const loading = this.#loadCurrent(name, signal).finally(() => this.#loading.delete(name))
    this.#loading.set(name, loading)
  }

  /** Ends when the current version answers, whichever that is by then. */
  async #loadCurrent(name: string, signal: AbortSignal): Promise<void> {
    const { served, log } = this.#stages
    let retryMs = firstRetryMs
    for (let wanted = served.current(name); wanted && !signal.aborted; wanted = served.current(name)) {
      if (isSame(served.answering(name), wanted)) return
      try {
        await this.#loadOne(name, wanted, signal)
        await served.setAnswering(name, wanted)
        this.#settle(name, wanted.version, undefined)
      } catch (error) {
        if (signal.aborted) return
        this.#settle(name, wanted.version, error)
        log.warn(`${name} v${wanted.version} does not answer yet: ${describe(error)}`)
        await this.#waitToRetry(name, wanted, retryMs, signal)
        retryMs = Math.min(retryMs * 2, longestRetryMs)
      }
    }
  }

  async #loadOne(name: string, wanted: ServedVersion, signal: AbortSignal): Promise<void> {
    const { loader, served } = this.#stages
    const limits = served.callOptions(name).options
    // What was published through the old interface carries no hash: its CID alone vouches for it.
    const expected = wanted.sha256 ? { sha256: wanted.sha256, size: wanted.size } : undefined
    const request = { cid: wanted.cid, limits, ...(expected && { expected }) }
    await loader.load(request, { signal }, (step) => this.#tell(name, step))
  }

  /** A newer version ends the wait: it may well be the cure. */
  async #waitToRetry(name: string, failed: ServedVersion, ms: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + ms
    while (performance.now() < until && !signal.aborted) {
      if (!isSame(this.#stages.served.current(name), failed)) return
      await pause(50, signal)
    }
  }

  #settle(name: string, version: number, failure: unknown): void {
    for (const outcome of [...this.#outcomes]) outcome(name, version, failure)
  }

  #tell(name: string, step: Step): void {
    for (const listener of this.#listeners) listener(name, step)
  }
}

/** A chain that was cut back gives a version number again, to other bytes. */
function isSame(
  a: Pick<ServedVersion, 'version' | 'cid'> | undefined,
  b: Pick<ServedVersion, 'version' | 'cid'>,
): boolean {
  return a?.version === b.version && a.cid === b.cid
}
