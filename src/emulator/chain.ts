// Brings the chain up beside everything else, and again whenever it was lost: devnet -> registry -> what
// waits to be registered goes out -> events are followed. Nothing here is waited for by those who need no chain.

import { WasmateError, describe, fromProblem, toProblem, toWasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ChainState, ChainStatus } from '../client/messages.ts'
import type { Devnet } from '../devnet/devnet.ts'
import type { DevnetState } from '../devnet/supervisor.ts'
import type { Follower } from '../flows/follow.ts'
import type { Context, Progress } from '../model.ts'
import type { Outbox } from '../registry/outbox.ts'
import type { Registry, RegistryOptions } from '../registry/registry.ts'

export interface ChainStages {
  devnet: Devnet
  outbox: Outbox
  makeRegistry(account: RegistryOptions['account']): Promise<Registry>
  follower: Follower
  /** Told once the registry has an address. */
  onRegistry(address: string): Promise<void>
  log: Log
}

type Listener = (status: ChainStatus) => void

export class Chain {
  readonly #stages: ChainStages
  readonly #listeners = new Set<Listener>()
  readonly #life = new AbortController()
  #status: ChainStatus = { state: 'waiting' }
  #registry: Registry | undefined
  #address: string | undefined
  #session: AbortController | undefined
  #following: Promise<void> = Promise.resolve()
  #connecting: Promise<void> = Promise.resolve()
  #starting: Promise<void> = Promise.resolve()

  constructor(stages: ChainStages) {
    this.#stages = stages
  }

  get status(): ChainStatus {
    return this.#status
  }

  /** Throws CHAIN_NOT_READY, or why there will be no chain. */
  get registry(): Registry {
    if (this.#registry && this.#status.state === 'ready') return this.#registry
    throw (
      this.#failure() ??
      new WasmateError('CHAIN_NOT_READY', this.#status.progress?.doing ?? this.#status.state)
    )
  }

  /** Contract address of the registry, once it is there. */
  get address(): string | undefined {
    return this.#address
  }

  /** Begins; what comes of it shows in the status. */
  start(): void {
    this.#starting = this.#stages.devnet.start(this.#life.signal).catch((error: unknown) => {
      if (!this.#life.signal.aborted) this.#fail(error)
    })
  }

  async stop(): Promise<void> {
    this.#life.abort()
    this.#session?.abort()
    await this.#stages.devnet.stop()
    await Promise.all([this.#starting, this.#connecting, this.#following])
    this.#enter({ state: 'stopped' })
  }

  /** Resolves when devnet's process is there, when that takes long or can't be, or after a while. */
  begun(withinMs: number): Promise<void> {
    return this.#reaches((state) => state !== 'waiting' || this.#status.progress !== undefined, withinMs)
  }

  /** Resolves when the chain is ready, when there will be none, or after a while. */
  settled(withinMs: number): Promise<void> {
    return this.#reaches((state) => ['ready', 'failed', 'stopped'].includes(state), withinMs)
  }

  #reaches(isReached: (state: ChainState) => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#listeners.delete(watch)
        resolve()
      }
      const watch: Listener = ({ state }) => {
        if (isReached(state)) done()
      }
      const timer = setTimeout(done, withinMs)
      this.#listeners.add(watch)
      watch(this.#status)
    })
  }

  /** Told of every change of the status, until what this gives is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Waits for `work` and reports the chain's progress meanwhile; throws when there will be no chain. */
  async waitWith<T>(work: Promise<T>, { signal, report }: Context): Promise<T> {
    const ended = new AbortController()
    try {
      return await new Promise<T>((resolve, reject) => {
        const watch: Listener = ({ progress }) => {
          const failure = this.#failure()
          if (failure) reject(failure)
          if (progress) report?.(progress)
        }
        this.#listeners.add(watch)
        ended.signal.addEventListener('abort', () => this.#listeners.delete(watch))
        signal?.addEventListener('abort', () => reject(toWasmateError(signal.reason)), {
          signal: ended.signal,
        })
        watch(this.#status)
        work.then(resolve, reject)
      })
    } finally {
      ended.abort()
    }
  }

  /** To be told by the devnet of every change. */
  take({ phase, progress, error, process }: DevnetState): void {
    if (this.#life.signal.aborted) return
    if (phase === 'ready') return this.#connect()
    this.#session?.abort()
    this.#stages.outbox.connect(undefined)
    if (error) return this.#fail(error)
    const isLookedFor = phase === 'starting' && !process
    const state: ChainState = isLookedFor ? 'waiting' : phase === 'down' ? 'starting' : phase
    this.#enter({ state, ...(progress && { progress }) })
  }

  /** What following the registry is at, when that takes more than a moment. */
  showProgress(progress: Progress | undefined): void {
    if (this.#status.state === 'ready') this.#enter({ state: 'ready', ...(progress && { progress }) })
  }

  #connect(): void {
    this.#session?.abort()
    const session = new AbortController()
    this.#session = session
    this.#enter({ state: 'registering', progress: registering })
    this.#connecting = this.#connecting
      .then(() => this.#join(session.signal))
      .catch((error: unknown) => {
        if (!session.signal.aborted) this.#fail(error)
      })
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { outbox, follower, onRegistry, log } = this.#stages
    await this.#following
    if (signal.aborted) return
    const registry = (this.#registry ??= await this.#makeRegistry())
    const { address } = await registry.ensureDeployed({ signal })
    this.#address = address
    // Whoever reads the state file waits for it; the chain itself needs it not.
    await onRegistry(address).catch((error: unknown) => log.error(`the state file: ${describe(error)}`))
    this.#following = follower.run(signal).catch((error: unknown) => {
      log.error(`following the registry ended: ${describe(error)}`)
    })
    this.#enter({ state: 'ready' })
    outbox.connect(registry)
  }

  async #makeRegistry(): Promise<Registry> {
    const account = await this.#stages.devnet.signer()
    // devnet's own accounts are of Cairo 1 unless it is told otherwise, which it is not.
    return this.#stages.makeRegistry({ ...account, cairoVersion: '1' })
  }

  #failure(): WasmateError | undefined {
    const { state, problem } = this.#status
    return state === 'failed' && problem ? fromProblem(problem) : undefined
  }

  #fail(error: unknown): void {
    this.#stages.log.error(`chain: ${describe(error)}`)
    this.#enter({ state: 'failed', problem: toProblem(error) })
  }

  #enter(status: ChainStatus): void {
    this.#status = status
    for (const listener of [...this.#listeners]) listener(status)
  }
}

const registering: Progress = { doing: 'putting the registry on the chain' }
