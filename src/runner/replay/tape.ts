// Where a thread writes down what a call asked of its host, in memory that outlives the thread: of a call that is
// ended, what it was told until then is still there. One JSON value a line.

import { type HostEvent, type VarsBefore, parseRecorded, printRecorded } from '../../recording.ts'

/** A line of a tape: a call of the host, a var as it was before, or why a replay may differ. */
export type TapeLine =
  HostEvent | { var: string; value?: Uint8Array | undefined } | { bytes: number } | { unfaithful: string }

const capacity = 1024 * 1024
// Header: how many bytes are written, and whether some did not fit.
const slots = { written: 0, full: 1 } as const
const headerBytes = 8

export class Tape {
  readonly buffer: SharedArrayBuffer
  readonly #slots: Int32Array
  readonly #area: Buffer

  /** Pages that nobody writes to take no memory. */
  constructor(buffer = new SharedArrayBuffer(headerBytes + capacity)) {
    this.buffer = buffer
    this.#slots = new Int32Array(buffer, 0, 2)
    this.#area = Buffer.from(buffer, headerBytes)
  }

  clear(): void {
    this.#slots.fill(0)
  }

  /** Once one has not fitted, none is written any more: what follows a gap is of no use. */
  write(line: TapeLine): void {
    if (this.#slots[slots.full] === 1) return
    const written = this.#slots[slots.written] ?? 0
    const text = `${printRecorded(line)}\n`
    const length = Buffer.byteLength(text)
    if (written + length > this.#area.length) return void (this.#slots[slots.full] = 1)
    this.#area.write(text, written)
    // After the bytes: a thread that ends in between has written nothing.
    Atomics.store(this.#slots, slots.written, written + length)
  }

  get isFull(): boolean {
    return this.#slots[slots.full] === 1
  }

  /** A copy of what is written. */
  read(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#area.subarray(0, Atomics.load(this.#slots, slots.written)))
  }
}

/** What is on a tape, sorted. */
export function parseTape(bytes: Uint8Array): {
  events: HostEvent[]
  vars: VarsBefore
  unfaithful: string[]
} {
  const vars: VarsBefore = { read: [], bytes: 0 }
  const events: HostEvent[] = []
  const unfaithful: string[] = []
  for (const text of Buffer.from(bytes).toString().split('\n')) {
    if (text === '') continue
    const line = parseRecorded(text) as TapeLine
    if ('call' in line) events.push(line)
    else if ('var' in line) vars.read.push({ key: line.var, value: line.value })
    else if ('bytes' in line) vars.bytes = line.bytes
    else if (!unfaithful.includes(line.unfaithful)) unfaithful.push(line.unfaithful)
  }
  return { events, vars, unfaithful }
}
