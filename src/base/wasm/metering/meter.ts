// A module -> the same module with a counter of the instructions that it runs. What it computes stays the same; where
// its code stands does not, so a metered copy is never the one that is debugged.
//
// Instructions in a row are counted at once, in front of the first: a trap in between counts all of them. A call of the
// host counts 1, and so does a copy or fill of memory, however long. The same module with the same input and the same
// answers of its host has the same count.

import { setImmediate } from 'node:timers/promises'
import { WasmReader, type WasmSection, readSections, sectionIds } from '../reader.ts'
import { WasmateError } from '../../errors.ts'
import { refuseFeature, refuseTypedReference, skipInstruction } from './instructions.ts'
import { WasmWriter } from './writer.ts'

/** What the counter is exported as: a mutable i64. */
export const fuelExport = 'wasmate:fuel'

/** Calls that wait meanwhile go on after so many milliseconds. */
const longestTurnMs = 5

/** Throws FUEL_REFUSED naming what can't be counted, or WASM_INVALID. */
export async function meterModule(bytes: Uint8Array): Promise<Uint8Array> {
  const sections = [...readSections(bytes)]
  const read = (id: number): WasmReader | undefined => {
    const section = sections.find((each) => each.id === id)
    return section && new WasmReader(bytes, section.start, section.end)
  }
  const counter = countImportedGlobals(read(sectionIds.import)) + (read(sectionIds.global)?.u32() ?? 0)
  const writer = new WasmWriter(bytes)
  writer.copy(0, 8)
  let hasGlobal = false
  for (const section of sections) {
    if (section.id === sectionIds.tag) throw refuseFeature('exception handling')
    if (!hasGlobal && comesAfterGlobals(section)) {
      writeGlobals(writer, bytes, undefined)
      hasGlobal = true
    }
    if (section.id === sectionIds.global) {
      writeGlobals(writer, bytes, section)
      hasGlobal = true
    } else if (section.id === sectionIds.export) writeExports(writer, bytes, section, counter)
    else if (section.id === sectionIds.code) await writeCode(writer, bytes, section, counter)
    else writer.copy(section.header, section.end)
  }
  return writer.bytes()
}

/** Section 5.5.2: custom ones may stand anywhere. */
function comesAfterGlobals({ id }: WasmSection): boolean {
  return id > sectionIds.global && id !== sectionIds.tag
}

function countImportedGlobals(reader: WasmReader | undefined): number {
  let count = 0
  for (let left = reader?.u32() ?? 0; reader && left > 0; left--) {
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === 4) throw refuseFeature('exception handling')
    if (kind === 0) reader.u32()
    else if (kind === 2) reader.limits()
    else {
      refuseTypedReference(reader.valueType())
      if (kind === 1) reader.limits()
      else reader.byte()
      if (kind === 3) count++
    }
  }
  return count
}

/** One more at the end, so that no index changes: an i64 that can be set and begins with 0. */
function writeGlobals(writer: WasmWriter, bytes: Uint8Array, section: WasmSection | undefined): void {
  const reader = section && new WasmReader(bytes, section.start, section.end)
  const count = reader?.u32() ?? 0
  writer.section(sectionIds.global, () => {
    writer.u32(count + 1)
    if (reader && section) writer.copy(reader.at, section.end)
    writer.raw(0x7e, 0x01, 0x42, 0x00, 0x0b)
  })
}

function writeExports(writer: WasmWriter, bytes: Uint8Array, section: WasmSection, counter: number): void {
  const reader = new WasmReader(bytes, section.start, section.end)
  const count = reader.u32()
  const from = reader.at
  for (let left = count; left > 0; left--) {
    if (reader.name() === fuelExport)
      throw new WasmateError('FUEL_REFUSED', `it exports ${fuelExport} itself`)
    reader.byte()
    reader.u32()
  }
  writer.section(sectionIds.export, () => {
    writer.u32(count + 1)
    writer.copy(from, section.end)
    const name = Buffer.from(fuelExport)
    writer.u32(name.length)
    writer.raw(...name, 3)
    writer.u32(counter)
  })
}

/** A module of some megabytes takes a quarter of a second: it is done in turns. */
async function writeCode(
  writer: WasmWriter,
  bytes: Uint8Array,
  section: WasmSection,
  counter: number,
): Promise<void> {
  const reader = new WasmReader(bytes, section.start, section.end)
  const count = reader.u32()
  writer.raw(sectionIds.code)
  const code = writer.begin()
  writer.u32(count)
  let turnBegan = performance.now()
  for (let left = count; left > 0; left--) {
    const size = reader.u32()
    const end = reader.at + size
    const body = writer.begin()
    writeBody(writer, new WasmReader(bytes, reader.at, end), end, counter)
    writer.end(body)
    reader.skip(size)
    if (performance.now() - turnBegan < longestTurnMs) continue
    await setImmediate()
    turnBegan = performance.now()
  }
  writer.end(code)
}

function writeBody(writer: WasmWriter, reader: WasmReader, end: number, counter: number): void {
  const start = reader.at
  for (let left = reader.u32(); left > 0; left--) {
    reader.u32()
    refuseTypedReference(reader.valueType())
  }
  writer.copy(start, reader.at)
  while (reader.at < end) {
    const from = reader.at
    let run = 1
    while (!skipInstruction(reader) && reader.at < end) run++
    writer.raw(0x23)
    writer.u32(counter)
    writer.raw(0x42)
    writer.signed(run)
    writer.raw(0x7c, 0x24)
    writer.u32(counter)
    writer.copy(from, reader.at)
  }
}
