// Types of DWARF -> types as a debugger shows them. Section 5.

import type { DebugField, DebugType, NumberForm } from '../../../debug-info.ts'
import { attribute, tag } from './constants.ts'
import { Cursor } from './cursor.ts'
import type { Entry } from './entries.ts'

export function numberOf(entry: Entry, name: number): number | undefined {
  const found = entry.attributes.get(name)
  return typeof found?.value === 'number' ? found.value : undefined
}

export function textOf(entry: Entry, name: number): string | undefined {
  const found = entry.attributes.get(name)
  return found?.is === 'text' ? found.value : undefined
}

const forms: Record<number, NumberForm> = {
  ...{ 2: 'bool', 4: 'float', 5: 'signed', 6: 'char', 7: 'unsigned', 8: 'byte', 16: 'char' },
}

const same = new Set<number>([tag.constType, tag.volatileType, tag.restrictType, tag.atomicType])
const composed = new Set<number>([tag.structureType, tag.unionType, tag.classType])

export class Types {
  readonly list: DebugType[] = []
  readonly #entries: ReadonlyMap<number, Entry>
  readonly #places = new Map<number, number>()
  #nothing: number | undefined

  /** All entries by their offsets. */
  constructor(entries: ReadonlyMap<number, Entry>) {
    this.#entries = entries
  }

  /** Place in the list of the type that the entry has. */
  of(entry: Entry): number {
    const offset = numberOf(entry, attribute.type)
    const found = offset === undefined ? undefined : this.#entries.get(offset)
    if (!found) return (this.#nothing ??= this.list.push({ kind: 'opaque', name: 'void' }) - 1)
    if (same.has(found.tag)) return this.of(found)
    const known = this.#places.get(found.offset)
    if (known !== undefined) return known
    const place = this.list.push({ kind: 'opaque', name: '' }) - 1
    this.#places.set(found.offset, place)
    // Described after it has its place: a struct can refer to itself.
    this.list[place] = this.#describe(found)
    return place
  }

  #nameOf(place: number): string {
    return this.list[place]?.name || '?'
  }

  #describe(entry: Entry): DebugType {
    const name = textOf(entry, attribute.name) ?? ''
    const bytes = numberOf(entry, attribute.byteSize) ?? 0
    if (entry.tag === tag.baseType) {
      const form = forms[numberOf(entry, attribute.encoding) ?? 0] ?? 'unsigned'
      // Who writes `signed char` or int8_t means a number.
      return { kind: 'number', name, bytes, form: name === 'signed char' ? 'signed' : form }
    }
    if (entry.tag === tag.typedef) return { kind: 'alias', name, of: this.of(entry) }
    if (entry.tag === tag.pointerType || entry.tag === tag.referenceType) return this.#pointer(entry)
    if (composed.has(entry.tag))
      return { kind: 'struct', name: name || 'struct', bytes, fields: this.#fields(entry) }
    if (entry.tag === tag.enumerationType)
      return { kind: 'enum', name: name || 'enum', bytes, members: membersOf(entry) }
    if (entry.tag === tag.arrayType) return this.#array(entry)
    return { kind: 'opaque', name: name || 'function' }
  }

  #pointer(entry: Entry): DebugType {
    if (!entry.attributes.has(attribute.type)) return { kind: 'pointer', name: 'void *' }
    const to = this.of(entry)
    return { kind: 'pointer', name: `${this.#nameOf(to)} *`, to }
  }

  /** Of several dimensions the first is the outermost. */
  #array(entry: Entry): DebugType {
    let element = this.of(entry)
    const counts = entry.children.filter((child) => child.tag === tag.subrangeType).map(countOf)
    const sizes = counts.map((count) => `[${count}]`)
    const base = this.#nameOf(element)
    for (const [place, count] of [...counts.entries()].reverse()) {
      const name = `${base}${sizes.slice(place).join('')}`
      if (place === 0) return { kind: 'array', name, element, count }
      element = this.list.push({ kind: 'array', name, element, count }) - 1
    }
    return { kind: 'array', name: `${base}[]`, element, count: 0 }
  }

  #fields({ children }: Entry): DebugField[] {
    return children
      .filter((child) => child.tag === tag.member)
      .flatMap((child): DebugField[] => {
        const name = textOf(child, attribute.name) ?? ''
        const [offset, type, bits] = [offsetOf(child), this.of(child), bitsOf(child)]
        const within = this.list[type]
        // What has no name is written as if it were not there.
        if (name === '' && within?.kind === 'struct')
          return within.fields.map((field) => inside(field, offset))
        return [{ name, offset, type, ...(bits && { bits }) }]
      })
  }
}

function inside({ bits, ...field }: DebugField, offset: number): DebugField {
  const moved = bits && { bits: { ...bits, at: bits.at + offset * 8 } }
  return { ...field, offset: field.offset + offset, ...moved }
}

function countOf(entry: Entry): number {
  const count = numberOf(entry, attribute.count)
  if (count !== undefined) return count
  const last = numberOf(entry, attribute.upperBound)
  return last === undefined || last > 0xffffffff ? 0 : last + 1
}

function membersOf({ children }: Entry): [name: string, value: number][] {
  return children
    .filter((child) => child.tag === tag.enumerator)
    .map((child) => [textOf(child, attribute.name) ?? '', numberOf(child, attribute.constValue) ?? 0])
}

/** A number; of older compilers the expression that adds it. */
function offsetOf(entry: Entry): number {
  const found = entry.attributes.get(attribute.dataMemberLocation)
  if (found?.is === 'block') {
    const cursor = new Cursor(found.value, 1)
    return cursor.uleb()
  }
  return typeof found?.value === 'number' ? found.value : 0
}

/** Before version 4 they are counted from the highest bit of the number that they are kept in. Section 5.7.6 */
function bitsOf(entry: Entry): DebugField['bits'] {
  const count = numberOf(entry, attribute.bitSize)
  if (count === undefined) return undefined
  const fromTop = numberOf(entry, attribute.bitOffset)
  const kept = (numberOf(entry, attribute.byteSize) ?? 4) * 8
  const within =
    fromTop === undefined ? (numberOf(entry, attribute.dataBitOffset) ?? 0) : kept - fromTop - count
  return { at: offsetOf(entry) * 8 + within, count }
}
