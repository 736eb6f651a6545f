// Keeps a chain alive: opens it, opens it again when its child dies, and says where it stands.

import { type ErrorCode, WasmateError, describe, toWasmateError } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import { pause } from '../base/pause.ts'
import type { ProcessIdentity } from '../base/process.ts'
import type { Service } from '../base/service.ts'
import type { Context, Progress } from '../model.ts'
import { Life } from './life.ts'
import { describeExit } from './process.ts'

export interface DevnetOptions {
  /** Gives the path of starknet-devnet; may take as long as a download or a build does. */
  binary: (ctx: Context) => Promise<string>
  /** Where the journal lives; it belongs to this service alone. */
  folder: string
  seed: number
  /** How many accounts are predeployed. */
  accounts: number
  /** Which of them signs, from 0; the first unless given. */
  account?: number
  log?: Log
  /** Keep the intact head of a damaged journal instead of refusing to start. */
  repair?: boolean
  /** Told of every change, of progress at most ten times a second. */
  onState?: (state: DevnetState) => void
  /** How long a request waits for a chain that is about to be ready. */
  waitMs?: number
}

export interface DevnetState {
  phase: 'starting' | 'restoring' | 'ready' | 'down'
  progress?: Progress
  /** Why it is down; absent when it was stopped or never started. */
  error?: WasmateError
  /** The child, once there is one. */
  process?: ProcessIdentity
}

const backoffMs = [0, 250, 1_000, 3_000, 10_000]
const restartWindowMs = 60_000

/** Trying again can't mend these. */
const lasting = new Set<ErrorCode>([
  ...(['CHAIN_DIVERGED', 'STATE_DAMAGED', 'STATE_NEWER', 'CONFIG_INVALID'] as const),
  ...(['DEVNET_MISSING', 'DEVNET_CHECKSUM'] as const),
])

export class Supervisor implements Service {
  #options: DevnetOptions
  #log: Log
  #state: DevnetState = { phase: 'down' }
  #chain: Life | undefined
  #running: AbortController | undefined
  #work: Promise<void> = Promise.resolve()
  /** Whether waiting is worth while: the binary is there and the child is on its way. */
  #soon = false
  #waiting = new Set<() => void>()
  #deaths: number[] = []

  constructor(options: DevnetOptions) {
    this.#options = options
    this.#log = options.log ?? silentLog
  }

  get state(): DevnetState {
    return this.#state
  }

  /** Resolves when the chain is as the journal has it; throws why it can't be. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#running && !this.#running.signal.aborted) return this.#work
    const running = new AbortController()
    this.#running = running
    this.#soon = false
    const both = signal ? AbortSignal.any([signal, running.signal]) : running.signal
    this.#work = this.#open(both).catch((error: unknown) => {
      throw this.#giveUp(error)
    })
    return this.#work
  }

  async stop(): Promise<void> {
    this.#running?.abort()
    // Why the work failed was told to whoever started it.
    await this.#work.catch(() => undefined)
    const chain = this.#chain
    this.#chain = undefined
    await chain?.close()
    if (this.#state.phase !== 'down') this.#enter({ phase: 'down' })
  }

  /** The chain in use; waits a while for one that is on its way, then throws CHAIN_NOT_READY or why it is down. */
  async ready(): Promise<Life> {
    const deadline = performance.now() + (this.#options.waitMs ?? 5_000)
    while (!this.#chain) {
      const { phase, error, progress } = this.#state
      if (phase === 'down') throw error ?? new WasmateError('CHAIN_NOT_READY', 'it is not running')
      const leftMs = this.#soon ? deadline - performance.now() : 0
      if (leftMs <= 0) throw new WasmateError('CHAIN_NOT_READY', progress?.doing ?? phase)
      await this.#nextChange(leftMs)
    }
    return this.#chain
  }

  /** Ends a life of the chain that can't go on, and begins the next; a second report of the same is ignored. */
  async lose(chain: Life): Promise<void> {
    if (this.#chain !== chain) return
    this.#chain = undefined
    const running = this.#running
    if (!running || running.signal.aborted) return chain.close()
    this.#enter({ phase: 'restoring' })
    this.#work = this.#recover(chain, running.signal)
  }

  async #open(signal: AbortSignal): Promise<void> {
    this.#enter({ phase: 'starting' })
    const { binary, ...options } = this.#options
    const path = await binary({ signal, report: (progress) => this.#enter({ phase: 'starting', progress }) })
    this.#soon = true
    const child: Pick<DevnetState, 'process'> = {}
    const chain = await Life.open(
      {
        ...options,
        binary: path,
        onChild: (identity) => {
          if (identity) child.process = identity
          this.#enter({ phase: 'starting', ...child })
        },
      },
      { signal, report: (progress) => this.#enter({ phase: 'restoring', progress, ...child }) },
    )
    this.#chain = chain
    this.#enter({ phase: 'ready', ...child })
    void chain.process.child.exited.then(() => this.lose(chain))
  }

  async #recover(lost: Life, signal: AbortSignal): Promise<void> {
    // A journal that could not be written can fail once more when it is closed.
    await lost.close().catch((error: unknown) => this.#log.warn(describe(error)))
    this.#log.warn(`starknet-devnet ended ${await describeExit(lost.process.child)}; restoring the chain`)
    const now = Date.now()
    this.#deaths = [...this.#deaths.filter((at) => now - at < restartWindowMs), now]
    let failure: unknown
    // A child that keeps dying is waited for longer each time.
    for (const delayMs of backoffMs.slice(Math.min(this.#deaths.length, backoffMs.length) - 1)) {
      await pause(delayMs, signal)
      if (signal.aborted) return
      try {
        return await this.#open(signal)
      } catch (error) {
        if (signal.aborted) return
        failure = error
        this.#log.warn(`the chain could not be restored: ${describe(error)}`)
        if (lasting.has(toWasmateError(error).code)) break
      }
    }
    this.#giveUp(failure)
  }

  #giveUp(error: unknown): WasmateError {
    this.#running?.abort()
    const known = toWasmateError(error)
    if (known.code !== 'CANCELLED') this.#log.error(known.message)
    this.#enter(known.code === 'CANCELLED' ? { phase: 'down' } : { phase: 'down', error: known })
    return known
  }

  #enter(state: DevnetState): void {
    this.#state = state
    this.#options.onState?.(state)
    for (const wake of this.#waiting) wake()
  }

  #nextChange(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, withinMs)
      this.#waiting.add(wake)
    })
  }
}
