// What a worker thread has begun and finished of a batch, in memory that outlives it: a thread that is ended loses
// no answer that was ready, and no call is run twice, because it is known which ones had begun.
//
// How many have begun and whether to stop are one word, which both sides change by one atomic step: a call has begun
// before the pool says stop, and the pool knows it, or it does not begin.

import type { ErrorCode, StackFrame } from '../base/errors.ts'
import type { HostTrace, LogLine } from '../host-trace.ts'

interface Told {
  durationMs: number
  logs: LogLine[]
  host?: HostTrace | undefined
}

/** What a call came to, small enough to be written down here. */
export type Entry =
  | ({ kind: 'answer'; output: Uint8Array } & Told)
  | ({ kind: 'failure'; code: ErrorCode; detail: string; frames?: StackFrame[] | undefined } & Told)
  /** Too large or of another shape: it comes as a message. */
  | { kind: 'posted' }
  /** Taken back before it had begun. */
  | { kind: 'withdrawn' }

/** Most calls of one batch. */
export const maxBatch = 64

// Header: three counts as i32, the first with the flag to stop in it, then the time of the last beginning as f64.
const slots = { begun: 0, finished: 1, tail: 2 } as const
const stopBit = 1 << 30
const timeAt = 16
const flagsAt = 24
const areaAt = flagsAt + maxBatch
const areaBytes = 512 * 1024
/** Of an entry: kind as u32, output's and words' length as u32, then f64. */
const entryBytes = 24
const kinds: Entry['kind'][] = ['answer', 'failure', 'posted', 'withdrawn']

export class Ledger {
  readonly buffer: SharedArrayBuffer
  readonly #slots: Int32Array
  readonly #flags: Uint8Array
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #readCount = 0
  #readTo = areaAt

  constructor(buffer = new SharedArrayBuffer(areaAt + areaBytes)) {
    this.buffer = buffer
    this.#slots = new Int32Array(buffer, 0, 4)
    this.#flags = new Uint8Array(buffer, flagsAt, maxBatch)
    this.#view = new DataView(buffer)
    this.#bytes = new Uint8Array(buffer)
  }

  /** The pool's: a new batch, while the thread stands still. */
  open(): void {
    for (const slot of [slots.begun, slots.finished]) Atomics.store(this.#slots, slot, 0)
    Atomics.store(this.#slots, slots.tail, areaAt)
    this.#flags.fill(0)
    this.#readCount = 0
    this.#readTo = areaAt
  }

  /** The pool's: what was finished since the last `take`, in the order of the batch. */
  take(): Entry[] {
    const finished = Atomics.load(this.#slots, slots.finished)
    const taken: Entry[] = []
    for (; this.#readCount < finished; this.#readCount++) taken.push(this.#read())
    return taken
  }

  /** The pool's: the call that runs, by its place in the batch, and since when in `performance.timeOrigin` time. */
  running(): { index: number; since: number } | undefined {
    const begun = Atomics.load(this.#slots, slots.begun) & ~stopBit
    if (begun === 0 || begun <= Atomics.load(this.#slots, slots.finished)) return undefined
    return { index: begun - 1, since: this.#view.getFloat64(timeAt, true) }
  }

  /** The pool's: nothing more is begun until this is taken back. */
  askToStop(stop: boolean): void {
    if (stop) Atomics.or(this.#slots, slots.begun, stopBit)
    else Atomics.and(this.#slots, slots.begun, ~stopBit)
  }

  /** The pool's: this call need not be begun any more. */
  withdraw(index: number): void {
    Atomics.store(this.#flags, index, 1)
  }

  /** The thread's: false when it is to stop; then this call has not begun, and none after it will. */
  begin(index: number): boolean {
    this.#view.setFloat64(timeAt, now(), true)
    const before = Atomics.load(this.#slots, slots.begun)
    if ((before & stopBit) !== 0) return false
    return Atomics.compareExchange(this.#slots, slots.begun, before, index + 1) === before
  }

  /** The thread's. */
  isWithdrawn(index: number): boolean {
    return Atomics.load(this.#flags, index) === 1
  }

  /** The thread's: false when there is no room; nothing is written then. */
  write(entry: Entry): boolean {
    const start = Atomics.load(this.#slots, slots.tail)
    const output = entry.kind === 'answer' ? entry.output : noBytes
    const words = formatWords(entry)
    const end = align(start + entryBytes + output.length + words.length)
    // Room for the short entries of a whole batch is always left.
    const reserve = entry.kind === 'posted' || entry.kind === 'withdrawn' ? 0 : maxBatch * entryBytes
    if (end > this.buffer.byteLength - reserve) return false
    this.#view.setUint32(start, kinds.indexOf(entry.kind), true)
    this.#view.setUint32(start + 4, output.length, true)
    this.#view.setUint32(start + 8, words.length, true)
    this.#view.setFloat64(start + 16, 'durationMs' in entry ? entry.durationMs : 0, true)
    this.#bytes.set(output, start + entryBytes)
    this.#bytes.set(words, start + entryBytes + output.length)
    Atomics.store(this.#slots, slots.tail, end)
    Atomics.add(this.#slots, slots.finished, 1)
    return true
  }

  #read(): Entry {
    const start = this.#readTo
    const kind = kinds[this.#view.getUint32(start, true)]
    const outputLength = this.#view.getUint32(start + 4, true)
    const wordsAt = start + entryBytes + outputLength
    const end = wordsAt + this.#view.getUint32(start + 8, true)
    const durationMs = this.#view.getFloat64(start + 16, true)
    this.#readTo = align(end)
    if (kind === 'posted' || kind === 'withdrawn') return { kind }
    const words = end === wordsAt ? undefined : parseWords(this.#bytes.slice(wordsAt, end))
    const logs = words?.logs ?? []
    const host = words?.host
    if (kind === 'failure' && words?.code) {
      const { code, detail = '', frames } = words
      return { kind, durationMs, code, detail, ...(frames && { frames }), logs, host }
    }
    return { kind: 'answer', durationMs, output: this.#bytes.slice(start + entryBytes, wordsAt), logs, host }
  }
}

/** Milliseconds since 1970 by the monotonic clock, which is the same in every thread. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

interface Words {
  logs: LogLine[]
  host?: HostTrace | undefined
  code?: ErrorCode
  detail?: string
  frames?: StackFrame[] | undefined
}

const noBytes = new Uint8Array()

function formatWords(entry: Entry): Uint8Array {
  if (entry.kind === 'failure') {
    const { logs, host, code, detail, frames } = entry
    return Buffer.from(JSON.stringify({ logs, host, code, detail, frames } satisfies Words))
  }
  if (entry.kind !== 'answer' || (entry.logs.length === 0 && !entry.host)) return noBytes
  return Buffer.from(JSON.stringify({ logs: entry.logs, host: entry.host } satisfies Words))
}

function parseWords(bytes: Uint8Array): Words {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as Words
}

/** An f64 is read at a multiple of 8. */
function align(offset: number): number {
  return Math.ceil(offset / 8) * 8
}
