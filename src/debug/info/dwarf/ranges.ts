// The code that an entry is about -> ranges of offsets. DWARF 2 to 5, section 2.17.

import { attribute } from './constants.ts'
import { Cursor } from './cursor.ts'
import type { AttributeValue, Entry } from './entries.ts'
import type { Scene } from './places.ts'
import { numberOf } from './types.ts'
import type { Place } from '../../../debug-info.ts'

export type CodeRange = [start: number, end: number]

const none = new Uint8Array()

/** From the beginning of the module; `undefined` when the entry says nothing of it. */
export function rangesOf(entry: Entry, scene: Scene): CodeRange[] | undefined {
  const ranges = entry.attributes.get(attribute.ranges)
  const found = ranges ? readRanges(ranges, scene) : readBounds(entry)
  return found?.map(([start, end]) => [start + scene.codeStart, end + scene.codeStart])
}

function readBounds(entry: Entry): CodeRange[] | undefined {
  const [low, high] = [numberOf(entry, attribute.lowPc), entry.attributes.get(attribute.highPc)]
  if (low === undefined || typeof high?.value !== 'number') return undefined
  return [[low, high.is === 'address' ? high.value : low + high.value]]
}

function readRanges(ranges: AttributeValue, scene: Scene): CodeRange[] {
  return scene.unit.version < 5 ? readList(Number(ranges.value), scene) : readList5(ranges, scene)
}

/** Section 2.17.3 of DWARF 4: pairs of addresses from that of the unit. */
function readList(at: number, { sections, lowPc }: Scene): CodeRange[] {
  const cursor = new Cursor(sections('.debug_ranges') ?? none, at)
  const found: CodeRange[] = []
  let from = lowPc
  for (;;) {
    const [start, end] = [cursor.u32(), cursor.u32()]
    if (start === 0 && end === 0) return found
    if (start === 0xffffffff) from = end
    else found.push([from + start, from + end])
  }
}

/** Section 7.25 of DWARF 5 */
function readList5(ranges: AttributeValue, { sections, unit, lowPc }: Scene): CodeRange[] {
  const bytes = sections('.debug_rnglists') ?? none
  const base = unit.bases.ranges
  const value = Number(ranges.value)
  const at = ranges.is === 'index-of-list' ? base + new Cursor(bytes, base + value * 4).u32() : value
  const cursor = new Cursor(bytes, at)
  const found: CodeRange[] = []
  let from = lowPc
  const address = (index: number): number =>
    new Cursor(sections('.debug_addr') ?? none, unit.bases.addresses + index * 4).u32()
  for (;;) {
    const kind = cursor.byte()
    if (kind === 0) return found
    if (kind === 1) from = address(cursor.uleb())
    else if (kind === 2) found.push([address(cursor.uleb()), address(cursor.uleb())])
    else if (kind === 3) found.push(lengthened(address(cursor.uleb()), cursor.uleb()))
    else if (kind === 4) found.push([from + cursor.uleb(), from + cursor.uleb()])
    else if (kind === 5) from = cursor.u32()
    else if (kind === 6) found.push([cursor.u32(), cursor.u32()])
    else if (kind === 7) found.push(lengthened(cursor.u32(), cursor.uleb()))
    else throw new Error(`DWARF has a list of ranges with the unknown entry ${kind}`)
  }
}

function lengthened(start: number, length: number): CodeRange {
  return [start, start + length]
}

/** The same places, where they are within the ranges. */
export function clip(places: readonly Place[], ranges: readonly CodeRange[] | undefined): Place[] {
  if (!ranges) return [...places]
  return places.flatMap((place) => {
    const { start = 0, end = Infinity } = place
    return ranges.flatMap(([from, to]): Place[] => {
      const part = { start: Math.max(start, from), end: Math.min(end, to) }
      return part.start < part.end ? [{ ...place, ...part }] : []
    })
  })
}
