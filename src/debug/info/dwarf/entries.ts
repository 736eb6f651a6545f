// Units of .debug_info as trees of entries, each with its attributes. DWARF 2 to 5, sections 7.5.1 to 7.5.6.

import { attribute } from './constants.ts'
import { Cursor } from './cursor.ts'

export type Sections = (name: string) => Uint8Array | undefined

export interface Entry {
  /** In .debug_info: how others refer to it. */
  offset: number
  tag: number
  attributes: Map<number, AttributeValue>
  children: Entry[]
}

export type AttributeValue =
  | { is: 'number' | 'address' | 'reference' | 'section' | 'index-of-list'; value: number }
  | { is: 'text'; value: string }
  | { is: 'block'; value: Uint8Array }

export interface Unit {
  version: number
  root: Entry
  /** Where what is referred to by index begins. */
  bases: { strings: number; addresses: number; ranges: number; locations: number }
}

interface Abbreviation {
  tag: number
  hasChildren: boolean
  attributes: { name: number; form: number; constant: number }[]
}

/** What an attribute is read with: its text may be known by an index whose base comes later. */
interface Reading {
  cursor: Cursor
  sections: Sections
  start: number
  version: number
  is64: boolean
  addressSize: number
  abbreviations: Map<number, Abbreviation>
  bases: Unit['bases']
}

const none = new Uint8Array()

export function readUnits(sections: Sections): Unit[] {
  const cursor = new Cursor(sections('.debug_info') ?? none)
  const units: Unit[] = []
  while (cursor.at < cursor.length) {
    const start = cursor.at
    let length = cursor.u32()
    const is64 = length === 0xffffffff
    if (is64) length = cursor.u64()
    const end = cursor.at + length
    const reading = readHeader({ cursor, sections, start, is64 })
    if (reading) {
      const root = readEntry(reading)
      if (root) units.push({ version: reading.version, root, bases: reading.bases })
    }
    cursor.at = end
  }
  return units
}

function readHeader({
  cursor,
  sections,
  start,
  is64,
}: Pick<Reading, 'cursor' | 'sections' | 'start' | 'is64'>): Reading | undefined {
  const version = cursor.u16()
  if (version < 2 || version > 5) return undefined
  const word = (): number => (is64 ? cursor.u64() : cursor.u32())
  // Of version 5 compile units alone; types in units of their own are those of split files.
  const isUnit = version < 5 || cursor.byte() === 1
  if (!isUnit) return undefined
  const [addressSize, abbreviationsAt] =
    version < 5 ? ((at): [number, number] => [cursor.byte(), at])(word()) : [cursor.byte(), word()]
  const abbreviations = readAbbreviations(sections('.debug_abbrev') ?? none, abbreviationsAt)
  const bases = { strings: 8, addresses: 8, ranges: 0, locations: 0 }
  return { cursor, sections, start, version, is64, addressSize, abbreviations, bases }
}

function readAbbreviations(bytes: Uint8Array, at: number): Map<number, Abbreviation> {
  const cursor = new Cursor(bytes, at)
  const found = new Map<number, Abbreviation>()
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const abbreviation: Abbreviation = {
      tag: cursor.uleb(),
      hasChildren: cursor.byte() !== 0,
      attributes: [],
    }
    for (;;) {
      const [name, form] = [cursor.uleb(), cursor.uleb()]
      const constant = form === implicitConst ? cursor.sleb() : 0
      if (name === 0 && form === 0) break
      abbreviation.attributes.push({ name, form, constant })
    }
    found.set(code, abbreviation)
  }
  return found
}

const implicitConst = 0x21

/** Nothing for the end of a list of children. */
function readEntry(reading: Reading): Entry | undefined {
  const { cursor, abbreviations, start } = reading
  const offset = cursor.at
  const code = cursor.uleb()
  const abbreviation = abbreviations.get(code)
  if (code === 0 || !abbreviation) return undefined
  const entry: Entry = { offset, tag: abbreviation.tag, attributes: new Map(), children: [] }
  const isRoot = reading.bases.strings === 8 && offset - start < 32
  const later: (() => void)[] = []
  for (const { name, form, constant } of abbreviation.attributes) {
    const read = readForm(reading, form, constant)
    const value = typeof read === 'function' ? undefined : read
    if (value) entry.attributes.set(name, value)
    else if (typeof read === 'function') later.push(() => void entry.attributes.set(name, read()))
  }
  if (isRoot) noteBases(entry, reading.bases)
  for (const set of later) set()
  if (abbreviation.hasChildren)
    for (let child = readEntry(reading); child; child = readEntry(reading)) entry.children.push(child)
  return entry
}

function noteBases({ attributes }: Entry, bases: Unit['bases']): void {
  const at = (name: number, otherwise: number): number => {
    const found = attributes.get(name)
    return typeof found?.value === 'number' ? found.value : otherwise
  }
  bases.strings = at(attribute.strOffsetsBase, 8)
  bases.addresses = at(attribute.addrBase, 8)
  bases.ranges = at(attribute.rnglistsBase, 0)
  bases.locations = at(attribute.loclistsBase, 0)
}

type Read = AttributeValue | (() => AttributeValue)

const byIndex: Record<number, (cursor: Cursor) => number> = {
  ...{ 0x1a: (cursor) => cursor.uleb(), 0x1b: (cursor) => cursor.uleb() },
  ...{ 0x25: (cursor) => cursor.byte(), 0x26: (cursor) => cursor.u16(), 0x27: (cursor) => cursor.uint(3) },
  ...{ 0x28: (cursor) => cursor.u32(), 0x29: (cursor) => cursor.byte(), 0x2a: (cursor) => cursor.u16() },
  ...{ 0x2b: (cursor) => cursor.uint(3), 0x2c: (cursor) => cursor.u32() },
}

/** Section 7.5.6 */
function readForm(reading: Reading, form: number, constant: number): Read {
  const { cursor, sections, is64, addressSize } = reading
  const word = (): number => (is64 ? cursor.u64() : cursor.u32())
  const number = (value: number): AttributeValue => ({ is: 'number', value })
  const text = (value: string): AttributeValue => ({ is: 'text', value })
  const block = (size: number): AttributeValue => ({ is: 'block', value: cursor.block(size) })
  if (form >= 0x10 && form <= 0x15) return readReference(reading, form)
  const indexed = byIndex[form]
  if (indexed) return readIndexed(reading, indexed(cursor), form === 0x1b || form >= 0x29)
  switch (form) {
    case 0x01:
      return { is: 'address', value: cursor.uint(addressSize) }
    case 0x03:
      return block(cursor.u16())
    case 0x04:
      return block(cursor.u32())
    case 0x05:
      return number(cursor.u16())
    case 0x06:
      return number(cursor.u32())
    case 0x07:
      return number(cursor.u64())
    case 0x08:
      return text(cursor.text())
    case 0x09:
    case 0x18:
      return block(cursor.uleb())
    case 0x0a:
      return block(cursor.byte())
    case 0x0b:
    case 0x0c:
      return number(cursor.byte())
    case 0x0d:
      return number(cursor.sleb())
    case 0x0e:
      return text(textAt(sections('.debug_str'), word()))
    case 0x0f:
      return number(cursor.uleb())
    case 0x16:
      return readForm(reading, cursor.uleb(), 0)
    case 0x17:
      return { is: 'section', value: word() }
    case 0x19:
      return number(1)
    case 0x1e:
      return block(16)
    case 0x1f:
      return text(textAt(sections('.debug_line_str'), word()))
    case 0x20:
      return number(cursor.u64())
    case implicitConst:
      return number(constant)
    case 0x22:
    case 0x23:
      return { is: 'index-of-list', value: cursor.uleb() }
    default:
      throw new Error(`DWARF has an attribute of the unknown form ${form}`)
  }
}

/** To another entry: of all units, or from the beginning of this one. */
function readReference({ cursor, start, is64, addressSize, version }: Reading, form: number): AttributeValue {
  const reference = (value: number): AttributeValue => ({ is: 'reference', value })
  if (form === 0x10)
    return reference(version < 3 ? cursor.uint(addressSize) : is64 ? cursor.u64() : cursor.u32())
  return reference(start + (form === 0x15 ? cursor.uleb() : cursor.uint(2 ** (form - 0x11))))
}

function readIndexed(
  { sections, bases, is64, addressSize }: Reading,
  index: number,
  isAddress: boolean,
): Read {
  return () => {
    const [name, base, size] = isAddress
      ? (['.debug_addr', bases.addresses, addressSize] as const)
      : (['.debug_str_offsets', bases.strings, is64 ? 8 : 4] as const)
    const value = new Cursor(sections(name) ?? none, base + index * size).uint(size)
    return isAddress ? { is: 'address', value } : { is: 'text', value: textAt(sections('.debug_str'), value) }
  }
}

function textAt(section: Uint8Array | undefined, at: number): string {
  return new Cursor(section ?? none, at).text()
}
