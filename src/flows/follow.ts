// Flow down: registry event -> fetch by CID -> verify -> load. A name answers with its current version as soon
// as that is loaded, and with the one before until then.

import { setMaxListeners } from 'node:events'
import { WasmateError, describe } from '../base/errors.ts'
import { pause } from '../base/pause.ts'
import { BringUp, type BringUpStages } from './bring-up.ts'
import type {
  Context,
  CurrentChanged,
  FunctionPublished,
  Progress,
  RegisteredVersion,
  Registration,
  RegistryEvent,
  VersionYanked,
} from '../model.ts'
import type { Cursor } from '../registry/events/cursor.ts'
import type { RegistryNews } from '../registry/events.ts'
import type { Change, ServedVersion } from './served.ts'
import { type Step, elapsed } from '../steps.ts'

export interface FollowStages extends Omit<BringUpStages, 'onStep'> {
  /** Every event after the cursor, each once and in order, until the signal ends it. */
  events(cursor: Cursor, context: Context & { signal: AbortSignal }): AsyncIterable<RegistryNews>
  getVersion(name: string, version: number): Promise<RegisteredVersion>
  /** The current version; `undefined` when there is none. */
  resolve(name: string): Promise<RegisteredVersion | undefined>
  /** Told what is under way when it takes more than a moment, and `undefined` once it is over. */
  onProgress(progress: Progress | undefined): void
}

type Listener = (name: string, step: Step) => void
type EventsNews = Extract<RegistryNews, { kind: 'events' }>

const interruptionMs = 500
/** Requests to the chain at one time. */
const maxReads = 16

export class Follower {
  readonly #stages: FollowStages
  readonly #listeners = new Set<Listener>()
  readonly #bringUp: BringUp
  /** Names to be brought up once no more events are known. */
  readonly #touched = new Set<string>()
  /** Names that answer by what an earlier run allowed. */
  #unchecked: string[] = []
  #hasProgress = false

  constructor(stages: FollowStages) {
    this.#stages = stages
    this.#bringUp = new BringUp({ ...stages, onStep: (name, step) => this.#tell(name, step) })
  }

  /** Told of each event, fetch and load, with the name it belongs to; gives the way to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when this version of the name, or what followed it, answers; throws why it does not. */
  answers(registration: Registration, signal?: AbortSignal): Promise<void> {
    return this.#bringUp.answers(registration, signal)
  }

  /** Works until the signal ends it; then waits for the loads under way. */
  async run(signal: AbortSignal): Promise<void> {
    // Every request and every load under way listens to it.
    setMaxListeners(0, signal)
    const { served, log } = this.#stages
    this.#unchecked = served.list().map(({ name }) => name)
    for (const name of served.behind()) this.#touched.add(name)
    while (!signal.aborted) {
      await this.#followEvents(signal)
      await pause(interruptionMs, signal)
    }
    await this.#bringUp.ended()
    await served.flush().catch((error: unknown) => log.error(`what answers is not saved: ${describe(error)}`))
  }

  /** What goes wrong here is begun again after the last block that was worked off. */
  async #followEvents(signal: AbortSignal): Promise<void> {
    const { served, events, log } = this.#stages
    const report = (progress: Progress): void => this.#report(progress)
    try {
      for await (const news of events(served.cursor, { signal, report })) {
        if (news.kind === 'reorg') await served.retract(news.cursor)
        else await this.#take(news, signal)
      }
    } catch (error) {
      if (!signal.aborted) log.error(`following the registry was interrupted: ${describe(error)}`)
    }
  }

  async #take({ events, cursor, isCaughtUp }: EventsNews, signal: AbortSignal): Promise<void> {
    const from = performance.now()
    const changes = await this.#readChanges(events)
    if (isCaughtUp) changes.push(...(await this.#resolveUncertain(changes, cursor)))
    const yanked = events.filter(({ kind }) => kind === 'yanked') as VersionYanked[]
    const saved = this.#stages.served.record({ changes, yanked, cursor })
    for (const { name } of [...events, ...changes]) this.#touched.add(name)
    for (const { name, version, block } of changes) {
      if (!version) continue
      const facts = { name, version: version.version, block }
      this.#tell(name, { step: 'event', ms: elapsed(from), facts })
    }
    if (isCaughtUp) this.#bringUpTouched(signal)
    // The next ones wait for the disk, the loads do not.
    await saved
  }

  /** For each name, what the last event says that moves its current version. */
  async #readChanges(events: RegistryEvent[]): Promise<Change[]> {
    const published = new Map<string, ServedVersion>()
    const last = new Map<string, FunctionPublished | CurrentChanged>()
    for (const event of events) {
      if (event.kind === 'published') published.set(`${event.version} ${event.name}`, pick(event))
      if (event.kind === 'published' || event.kind === 'current-changed') last.set(event.name, event)
    }
    return mapSome([...last.values()], async ({ name, version: number, blockNumber: block }) => {
      if (number === 0) return { name, block }
      const version = published.get(`${number} ${name}`) ?? (await this.#readVersion(name, number))
      if (version) return { name, version, block }
      // The block it was in is gone again: what is there instead is asked for once it is caught up.
      this.#stages.served.doubt(name)
      return undefined
    })
  }

  async #readVersion(name: string, version: number): Promise<ServedVersion | undefined> {
    try {
      return pick(await this.#stages.getVersion(name, version))
    } catch (error) {
      if (error instanceof WasmateError && error.code === 'FUNCTION_NOT_FOUND') return undefined
      throw error
    }
  }

  /** Names that a reorganisation has touched and no event since. */
  #resolveUncertain(changes: Change[], { blockNumber: block }: Cursor): Promise<Change[]> {
    const told = new Set(changes.map(({ name }) => name))
    const names = this.#stages.served.uncertain().filter((name) => !told.has(name))
    return mapSome(names, async (name) => {
      const version = await this.#stages.resolve(name)
      return { name, block, ...(version && { version: pick(version) }) }
    })
  }

  #bringUpTouched(signal: AbortSignal): void {
    if (this.#hasProgress) this.#stages.onProgress(undefined)
    this.#hasProgress = false
    for (const name of this.#touched) this.#bringUp.start(name, signal)
    this.#touched.clear()
    for (const name of this.#unchecked.splice(0)) void this.#bringUp.recheck(name, signal)
  }

  #report(progress: Progress): void {
    this.#hasProgress = true
    this.#stages.onProgress(progress)
  }

  #tell(name: string, step: Step): void {
    for (const listener of this.#listeners) listener(name, step)
  }
}

function pick({ cid, version, sha256, size }: ServedVersion): ServedVersion {
  return { cid, version, sha256, size }
}

/** In order, a few at one time; what gives nothing is left out. */
async function mapSome<T, R>(values: T[], work: (value: T) => Promise<R | undefined>): Promise<R[]> {
  const results: R[] = []
  for (let index = 0; index < values.length; index += maxReads) {
    const some = await Promise.all(values.slice(index, index + maxReads).map(work))
    for (const result of some) if (result !== undefined) results.push(result)
  }
  return results
}
