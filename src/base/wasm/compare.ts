// Two modules in, where their bytes differ out: place, section, function. Bytes that are no module are compared too.

import { printable } from '../printable.ts'
import { type ModulePart, splitModule } from './parts.ts'

export interface DifferingRange {
  /** Bytes from the start of the registered module. */
  offset: number
  /** Bytes of it that are replaced; 0 when the other has more here. */
  length: number
  rebuiltOffset: number
  rebuiltLength: number
  /** `code`, `data`, `custom` and so on; `preamble` before the first; absent where one is no module. */
  section?: string
  /** Of a custom section. */
  name?: string
  /** In the code section: the index of the function, and its name when the module tells one. */
  function?: { index: number; name?: string }
}

export interface Difference {
  /** Bytes of the whole modules. */
  registeredSize: number
  rebuiltSize: number
  /** The first ranges, in the order of the registered module; `rangeCount` says how many there are. */
  ranges: DifferingRange[]
  rangeCount: number
  /** Bytes in all ranges, of whichever side has more. */
  differingBytes: number
}

/** Differing bytes with fewer equal ones between them are one range. */
const minGapBytes = 8
const maxRanges = 16

/** Gives `undefined` for equal bytes. Parts are compared with their like, so a longer function shifts nothing. */
export function compareModules(registered: Uint8Array, rebuilt: Uint8Array): Difference | undefined {
  if (Buffer.compare(registered, rebuilt) === 0) return undefined
  const parted = new Comparison(registered, rebuilt)
  parted.compareParts()
  if (parted.rangeCount > 0) return parted.result()
  // No modules, or the same parts in another order: nothing in them differs, but the bytes do.
  const whole = new Comparison(registered, rebuilt)
  whole.compareBytes({ start: 0, end: registered.length }, { start: 0, end: rebuilt.length })
  return whole.result()
}

/** `12 bytes in 2 places: 4 at 0x1a3 in the code section, function 7 (greet); ...`, three places at most. */
export function describeDifference(difference: Difference): string {
  const { registeredSize, rebuiltSize, ranges, rangeCount, differingBytes } = difference
  const sizes = registeredSize === rebuiltSize ? '' : `, ${rebuiltSize} bytes instead of ${registeredSize}`
  const shown = ranges.slice(0, 3).map(describeRange)
  if (rangeCount > shown.length) shown.push(`${rangeCount - shown.length} more`)
  const places = rangeCount === 1 ? '1 place' : `${rangeCount} places`
  const bytes = differingBytes === 1 ? '1 byte differs' : `${differingBytes} bytes differ`
  return `${bytes} in ${places}${sizes}: ${shown.join('; ')}`
}

function describeRange(range: DifferingRange): string {
  const { offset, length, rebuiltLength, section, name, function: within } = range
  const count = length === rebuiltLength ? String(length) : `${length} (rebuilt: ${rebuiltLength})`
  const custom = name === undefined ? '' : ` ${JSON.stringify(name)}`
  const named = within?.name === undefined ? '' : ` (${within.name})`
  const where = section === undefined ? '' : ` in the ${section} section${custom}`
  return `${count} at 0x${offset.toString(16)}${where}${within ? `, function ${within.index}${named}` : ''}`
}

type Label = Pick<DifferingRange, 'section' | 'name' | 'function'>
type Span = Pick<ModulePart, 'start' | 'end'>

/** Ranges as they are found: all are counted, few are kept, however much of two large modules differs. */
class Comparison {
  readonly #registered: Uint8Array
  readonly #rebuilt: Uint8Array
  readonly #ranges: DifferingRange[] = []
  rangeCount = 0
  #bytes = 0

  constructor(registered: Uint8Array, rebuilt: Uint8Array) {
    this.#registered = registered
    this.#rebuilt = rebuilt
  }

  result(): Difference {
    return {
      registeredSize: this.#registered.length,
      rebuiltSize: this.#rebuilt.length,
      ranges: this.#ranges,
      rangeCount: this.rangeCount,
      differingBytes: this.#bytes,
    }
  }

  compareParts(): void {
    const ours = splitModule(this.#registered)
    const theirs = splitModule(this.#rebuilt)
    if (!ours || !theirs) return
    const others = new Map(theirs.map((part) => [part.key, part]))
    for (const part of ours) {
      this.#comparePart(part, others.get(part.key) ?? nothing(part, this.#rebuilt.length))
      others.delete(part.key)
    }
    for (const part of others.values()) this.#comparePart(nothing(part, this.#registered.length), part)
  }

  #comparePart(part: ModulePart, other: ModulePart): void {
    const label = labelOf(part, other)
    const before = this.rangeCount
    this.compareBytes(part, other, label)
    // The size in front follows from what is inside: it counts only when the same is written in another way.
    if (this.rangeCount > before || part.size !== other.size) return
    this.compareBytes(
      { start: part.header, end: part.start },
      { start: other.header, end: other.start },
      label,
    )
  }

  /** Of equal length: every run that differs. Of another length: from the first byte that differs to the last. */
  compareBytes(ours: Span, theirs: Span, label: Label = {}): void {
    const left = this.#registered.subarray(ours.start, ours.end)
    const right = this.#rebuilt.subarray(theirs.start, theirs.end)
    if (Buffer.compare(left, right) === 0) return
    const runs = left.length === right.length ? differingRuns(left, right) : [withoutEqualEnds(left, right)]
    for (const { at, length, rebuiltLength } of runs) {
      this.rangeCount++
      this.#bytes += Math.max(length, rebuiltLength)
      if (this.#ranges.length === maxRanges) continue
      const places = { offset: ours.start + at, length, rebuiltOffset: theirs.start + at, rebuiltLength }
      this.#ranges.push({ ...places, ...label })
    }
  }
}

/** What only one module has stands at the end of the other, with nothing in it. */
function nothing(part: ModulePart, end: number): ModulePart {
  return { ...part, header: end, start: end, end }
}

function labelOf({ section, custom, function: index, functionName }: ModulePart, other: ModulePart): Label {
  const name = functionName ?? other.functionName
  return {
    section,
    ...(custom !== undefined && { name: printable(custom, 80) }),
    ...(index !== undefined && {
      function: { index, ...(name !== undefined && { name: printable(name, 80) }) },
    }),
  }
}

interface Run {
  at: number
  length: number
  rebuiltLength: number
}

function* differingRuns(left: Uint8Array, right: Uint8Array): Generator<Run> {
  let run: Run | undefined
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at]) continue
    if (run && at - run.at - run.length >= minGapBytes) {
      yield run
      run = undefined
    }
    run ??= { at, length: 0, rebuiltLength: 0 }
    run.length = run.rebuiltLength = at + 1 - run.at
  }
  if (run) yield run
}

function withoutEqualEnds(left: Uint8Array, right: Uint8Array): Run {
  const shorter = Math.min(left.length, right.length)
  let at = 0
  while (at < shorter && left[at] === right[at]) at++
  let tail = 0
  while (tail < shorter - at && left.at(-1 - tail) === right.at(-1 - tail)) tail++
  return { at, length: left.length - at - tail, rebuiltLength: right.length - at - tail }
}
