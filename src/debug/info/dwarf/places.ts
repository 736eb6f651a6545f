// Where DWARF says that a variable is -> places. Sections 2.5 and 2.6; what is in pieces, or on the operand stack, has none.

import type { Place } from '../../../debug-info.ts'
import { operation } from './constants.ts'
import { Cursor } from './cursor.ts'
import type { AttributeValue, Sections, Unit } from './entries.ts'

type Where = Place extends infer P ? (P extends Place ? Omit<P, 'start' | 'end'> : never) : never
type Base = { at: 'local' | 'global'; index: number }

export interface Scene {
  sections: Sections
  unit: Unit
  /** Of the code section's content: places are told from the beginning of the module. */
  codeStart: number
  /** Where the unit's addresses count from. */
  lowPc: number
  frameBase: Base | undefined
  /** The code of the block that is read; absent: all of its function. */
  within?: [start: number, end: number][] | undefined
}

const none = new Uint8Array()

export function placesOf(location: AttributeValue | undefined, scene: Scene): Place[] {
  if (!location) return []
  if (location.is === 'block') {
    const where = readExpression(location.value, scene)
    return where ? [where] : []
  }
  if (typeof location.value !== 'number') return []
  return scene.unit.version < 5 ? readList(location.value, scene) : readList5(location, scene)
}

/** Of what was optimised away and is always worth the same. */
export function placesOfConstant({ value }: AttributeValue): Place[] {
  if (typeof value === 'string') return []
  if (typeof value !== 'number') return [{ at: 'constant', bytes: value }]
  const bytes = Buffer.alloc(8)
  if (value < 0) bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)))
  else bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  return [{ at: 'constant', bytes }]
}

/** What a frame's variables are found from: `DW_OP_WASM_location` alone. */
export function frameBaseOf(location: AttributeValue | undefined): Base | undefined {
  return location?.is === 'block' ? readWasmLocation(new Cursor(location.value)) : undefined
}

function readWasmLocation(cursor: Cursor): Base | undefined {
  if (cursor.length < 3 || cursor.byte() !== operation.wasmLocation) return undefined
  const kind = cursor.byte()
  if (kind === 3) return { at: 'global', index: cursor.u32() }
  if (kind > 1) return undefined
  return { at: kind === 0 ? 'local' : 'global', index: cursor.uleb() }
}

function readExpression(expression: Uint8Array, { frameBase, sections, unit }: Scene): Where | undefined {
  const cursor = new Cursor(expression)
  const code = expression[0]
  if (code === operation.addrx) {
    cursor.at = 1
    const at = unit.bases.addresses + cursor.uleb() * 4
    return { at: 'memory', offset: new Cursor(sections('.debug_addr') ?? none, at).u32() }
  }
  if (code === operation.addr) {
    cursor.at = 1
    return { at: 'memory', offset: cursor.uint(expression.length - 1 > 4 ? 4 : expression.length - 1) }
  }
  if (code === operation.fbreg) {
    cursor.at = 1
    const offset = cursor.sleb()
    return frameBase && cursor.at === cursor.length ? { at: 'memory', base: frameBase, offset } : undefined
  }
  const base = readWasmLocation(cursor)
  if (!base) return undefined
  if (cursor.at === cursor.length) return base
  const next = cursor.byte()
  if (next === operation.stackValue) return base
  if (next !== operation.plusUconst) return undefined
  const offset = cursor.uleb()
  return cursor.at === cursor.length ? { at: 'memory', base, offset } : undefined
}

/** Section 2.6.2 of DWARF 4: pairs of addresses from that of the unit, each with an expression. */
function readList(at: number, scene: Scene): Place[] {
  const cursor = new Cursor(scene.sections('.debug_loc') ?? none, at)
  const places: Place[] = []
  let from = scene.lowPc
  for (;;) {
    const [start, end] = [cursor.u32(), cursor.u32()]
    if (start === 0 && end === 0) return places
    if (start === 0xffffffff) from = end
    else add(places, cursor.block(cursor.u16()), { start: from + start, end: from + end }, scene)
  }
}

/** Section 7.7.3 of DWARF 5 */
function readList5(location: AttributeValue, scene: Scene): Place[] {
  const { sections, unit } = scene
  const bytes = sections('.debug_loclists') ?? none
  const base = unit.bases.locations
  const value = Number(location.value)
  const at = location.is === 'index-of-list' ? base + new Cursor(bytes, base + value * 4).u32() : value
  const cursor = new Cursor(bytes, at)
  const places: Place[] = []
  let from = scene.lowPc
  const address = (index: number): number =>
    new Cursor(sections('.debug_addr') ?? none, unit.bases.addresses + index * 4).u32()
  const take = (start: number, end: number): void =>
    add(places, cursor.block(cursor.uleb()), { start, end }, scene)
  for (;;) {
    const kind = cursor.byte()
    if (kind === 0) return places
    if (kind === 1) from = address(cursor.uleb())
    else if (kind === 2) take(address(cursor.uleb()), address(cursor.uleb()))
    else if (kind === 3) ((start) => take(start, start + cursor.uleb()))(address(cursor.uleb()))
    else if (kind === 4) take(from + cursor.uleb(), from + cursor.uleb())
    else if (kind === 5) take(0, Number.MAX_SAFE_INTEGER)
    else if (kind === 6) from = cursor.u32()
    else if (kind === 7) take(cursor.u32(), cursor.u32())
    else ((start) => take(start, start + cursor.uleb()))(cursor.u32())
  }
}

function add(
  places: Place[],
  expression: Uint8Array,
  { start, end }: { start: number; end: number },
  scene: Scene,
): void {
  const where = readExpression(expression, scene)
  if (where) places.push({ ...where, start: start + scene.codeStart, end: end + scene.codeStart })
}
