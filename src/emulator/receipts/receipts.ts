// Receipts of the calls of an emulator: which calls leave one, that it is written, how long it is kept, and replaying it.

import { WasmateError, describe } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { ReceiptRequest } from '../../client/messages.ts'
import type { Config } from '../../config.ts'
import { leaveReceipt } from '../../flows/replay/leave.ts'
import type { ReplayStages } from '../../flows/replay/replay.ts'
import type { Context, Invocation } from '../../model.ts'
import type { Runner } from '../../runner/runner.ts'
import type { History } from '../../trace/history.ts'
import type { Execution } from '../../trace/receipts/write.ts'
import { Sampler } from './sampler.ts'
import type { ReceiptStore, StoredReceipt } from './store.ts'

export interface ReceiptsOptions {
  config: Config['trace']
  store: ReceiptStore
  runner: Runner
  history: History
  log: Log
  /** Bytes of the one file under a CID, every block verified. */
  fetch(cid: string, context: Context): Promise<Uint8Array>
}

/** Those that are forgotten go together: finding out what is still needed takes a walk through all that is pinned. */
const droppedAtOnce = 200
const maxKept = 10_000
/** Calls up to this long are counted before their receipt is written, for which the answer waits. */
const countedMs = { asked: 50, sampled: 10 }

export class Receipts {
  readonly #options: ReceiptsOptions
  readonly #sampler: Sampler
  /** Bytes of each that is kept, oldest first. */
  readonly #kept = new Map<string, number>()
  #bytes = 0
  #dropped: string[] = []
  #dropping: Promise<void> = Promise.resolve()
  /** The last one could not be written. */
  #isFailing = false

  constructor(options: ReceiptsOptions) {
    this.#options = options
    const { maxReceiptsPerSecond: maxPerSecond } = options.config
    this.#sampler = new Sampler({ maxPerSecond, now: () => performance.now() })
  }

  /** Keeps those that the history names; to be called once it is open. */
  open(): void {
    for (const { receipt, receiptSize = 0 } of this.#options.history.list({ limit: maxKept }).reverse()) {
      if (receipt !== undefined) this.#keep(receipt, receiptSize)
    }
  }

  /** What a collection has to leave. */
  get kept(): string[] {
    return [...this.#kept.keys()]
  }

  /** Whether the next call leaves one. */
  takes(asked: Invocation['receipt']): boolean {
    const { receipts } = this.#options.config
    if (receipts === 'off') return false
    return receipts === 'all' || asked !== undefined || this.#sampler.take()
  }

  /** Whether an answer waits until its receipt is on disk. Where the disk is full, none is named that is not there. */
  waits(asked: Invocation['receipt']): boolean {
    return asked === 'required' || this.#isFailing || this.#options.config.receipts === 'all'
  }

  /** `undefined` when none could be made: the call is answered all the same. */
  async leave(execution: Execution, isAsked: boolean, context: Context): Promise<StoredReceipt | undefined> {
    const { runner, store, config, log } = this.#options
    const options = {
      maxBytes: config.maxReceiptBytes,
      countedMs: isAsked ? countedMs.asked : countedMs.sampled,
    }
    const begun = performance.now()
    try {
      const stages = {
        bytesOf: (cid: string) => runner.bytesOf(cid),
        run: runner.replays.run.bind(runner.replays),
      }
      const receipt = await leaveReceipt(execution, stages, options, context)
      const left = store.put(receipt)
      this.#keep(left.cid, left.size)
      left.stored.then(
        () => (this.#isFailing = false),
        (error: unknown) => this.#warn(error),
      )
      return left
    } catch (error) {
      if (!(error instanceof WasmateError && error.code === 'CANCELLED')) {
        log.warn(`no receipt of a call of ${execution.function}: ${describe(error)}`)
      }
      return undefined
    } finally {
      this.#sampler.spent(performance.now() - begun + execution.recording.startMs)
    }
  }

  forgetAll(): void {
    this.#drop([...this.#kept.keys()])
  }

  #keep(cid: string, size: number): void {
    this.#bytes += size - (this.#kept.get(cid) ?? 0)
    this.#kept.delete(cid)
    this.#kept.set(cid, size)
    const over: string[] = []
    let [count, bytes] = [this.#kept.size, this.#bytes]
    for (const [oldest, oldSize] of this.#kept) {
      if (count <= maxKept && bytes <= this.#options.config.maxStoredBytes) break
      over.push(oldest)
      count--
      bytes -= oldSize
    }
    this.#drop(over)
  }

  #drop(cids: string[]): void {
    for (const cid of cids) {
      this.#bytes -= this.#kept.get(cid) ?? 0
      this.#kept.delete(cid)
    }
    this.#dropped.push(...cids)
    if (this.#dropped.length < droppedAtOnce) return
    const dropped = this.#dropped.splice(0)
    const { store, log } = this.#options
    this.#dropping = this.#dropping
      .then(() => store.drop(dropped))
      .catch((error: unknown) => log.warn(`old receipts were not removed: ${describe(error)}`))
  }

  /** What has begun is finished; what is left of the forgotten goes at the next collection. */
  async close(): Promise<void> {
    await this.#dropping
  }

  /** What replaying stands on. */
  get stages(): ReplayStages {
    const { store, runner, fetch } = this.#options
    return {
      receipt: (cid, context) => store.get(cid, context),
      module: async (cid, context) => {
        try {
          return runner.bytesOf(cid) ?? (await fetch(cid, context))
        } catch (error) {
          if (error instanceof WasmateError && error.code === 'CANCELLED') throw error
          throw new WasmateError('RECEIPT_MODULE_MISSING', cid, { cause: error })
        }
      },
      run: (call, context) => runner.replays.run(call, context),
    }
  }

  /** CID of the receipt that is asked for, or of that of a call in the history. Throws RECEIPT_NOT_FOUND, INPUT_INVALID. */
  find({ receipt, invocation }: ReceiptRequest): string {
    if (receipt !== undefined) return receipt
    if (invocation === undefined) throw new WasmateError('INPUT_INVALID', 'name a receipt or an invocation')
    const record = this.#options.history.find(invocation)
    if (record?.receipt !== undefined) return record.receipt
    const what = `invocation ${invocation}`
    throw new WasmateError('RECEIPT_NOT_FOUND', record ? `${what} left none` : what)
  }

  /** CIDs of the newest receipts of a function that are kept, newest first. */
  last(target: string, count: number): string[] {
    const { history } = this.#options
    const found: string[] = []
    for (const { receipt } of history.list({ target, limit: maxKept })) {
      if (found.length === count) break
      if (receipt !== undefined && this.#kept.has(receipt)) found.push(receipt)
    }
    return found
  }

  /** Once: a full disk is told, and not once a call. */
  #warn(error: unknown): void {
    if (this.#isFailing) return
    this.#isFailing = true
    this.#options.log.warn(`receipts are not written: ${describe(error)}`)
  }
}
