// Values of AssemblyScript's runtime: strings, arrays, maps and objects behind their addresses. Each has a header before it
// (rt/common.ts of its standard library): at -8 the id of its class, at -4 its size in bytes.

import type { DebugType, Shape } from '../../debug-info.ts'
import { type Named, type Scalar, type Value, type Values, addressOf, quote } from './values.ts'

type Reference = Extract<DebugType, { kind: 'reference' }>

interface Located {
  type: Reference
  address: number
  /** Of its bytes; 0 where it has no header. */
  size: number
}

/** More is no text to read. */
const mostTextBytes = 8_000
const previewed = 8
/** Of a map or a set. */
export const mostEntries = 100_000

export class References {
  readonly #values: Values
  readonly #byId: Map<number, Reference>

  constructor(values: Values) {
    this.#values = values
    this.#byId = new Map(
      values.types.flatMap((type): [number, Reference][] =>
        type.kind === 'reference' && type.id !== undefined ? [[type.id, type]] : [],
      ),
    )
  }

  async dynamicType(value: Value): Promise<Reference | undefined> {
    return (await this.#locate(value))?.type
  }

  async scalar(value: Value): Promise<Scalar | undefined> {
    const found = await this.#locate(value)
    if (!found) return null
    return found.type.shape.is === 'string' ? this.#text(found, found.size) : undefined
  }

  async show(value: Value, depth: number): Promise<string> {
    const found = await this.#locate(value)
    if (!found) return 'null'
    const { name, shape } = found.type
    if (shape.is === 'string') return quote(await this.#text(found, mostTextBytes))
    if (shape.is === 'function') return shape.names[await this.#word(found.address)] ?? name
    const bare = name.replace(/ \| null$/, '')
    const count = await this.#count(found)
    const isList = shape.is !== 'object'
    const title = isList ? `${bare}(${count})` : bare
    if (depth > 1 || count === 0) return isList ? title : `${title} {${count > 0 ? '…' : ''}}`
    const parts = (await this.#parts(found, 0, previewed)).slice(0, previewed)
    const texts = await Promise.all(parts.map((each) => this.#showPart(shape, each, depth)))
    const [open, close] = ['array', 'static-array', 'view', 'buffer'].includes(shape.is)
      ? ['[', ']']
      : ['{', '}']
    return `${title} ${open}${texts.join(', ')}${count > previewed ? ', …' : ''}${close}`
  }

  async #showPart(shape: Shape, { name, value }: Named, depth: number): Promise<string> {
    const text = await this.#values.show(value, depth + 1)
    return shape.is === 'object' || shape.is === 'map' ? `${name}: ${text}` : text
  }

  async count(value: Value): Promise<number> {
    const found = await this.#locate(value)
    return found ? this.#count(found) : 0
  }

  async parts(value: Value, start: number, count: number): Promise<Named[]> {
    const found = await this.#locate(value)
    return found ? this.#parts(found, start, count) : []
  }

  /** Of what it really is, where that is known; nothing for null. */
  async #locate({ type, bytes }: Value): Promise<Located | undefined> {
    const declared = this.#values.typeOf(type)
    const address = addressOf(bytes)
    if (declared.kind !== 'reference' || address === 0) return undefined
    if (declared.id === undefined) return { type: declared, address, size: 0 }
    const header = address < 8 ? new Uint8Array() : await this.#values.read(address - 8, 8)
    const actual = this.#byId.get(addressOf(header))
    // Before it is given a value a local can hold anything: what is not of its class is not shown as if it were.
    const { shape } = declared
    const isOther = actual && shape.is !== 'object' && actual.shape.is !== shape.is
    return isOther ? undefined : { type: actual ?? declared, address, size: addressOf(header.subarray(4)) }
  }

  async #text({ address, size }: Located, most: number): Promise<string> {
    const bytes = await this.#values.read(address, Math.min(size, most))
    return Buffer.from(bytes).toString('utf16le')
  }

  async #word(address: number): Promise<number> {
    return addressOf(await this.#values.read(address, 4))
  }

  async #count(located: Located): Promise<number> {
    const { shape } = located.type
    if (shape.is === 'object') return shape.fields.length
    if (shape.is === 'string' || shape.is === 'function') return 0
    // entriesCount of map.ts and set.ts: those that were deleted are not in it.
    if (shape.is === 'map' || shape.is === 'set') return this.#word(located.address + 20)
    return (await this.#list(located)).count
  }

  async #parts(located: Located, start: number, count: number): Promise<Named[]> {
    const { shape } = located.type
    const { address } = located
    if (shape.is === 'string' || shape.is === 'function') return []
    if (shape.is === 'object') {
      return Promise.all(
        shape.fields.map(async ({ name, offset, type }) => {
          return { name, value: await this.#values.at(type, address + offset) }
        }),
      )
    }
    if (shape.is === 'map' || shape.is === 'set') return this.#entries(located, start, count)
    const list = await this.#list(located)
    const size = list.element === undefined ? 1 : this.#values.sizeOf(list.element)
    const length = Math.max(0, Math.min(count, list.count - start))
    const from = list.at + start * size
    const bytes = await this.#values.read(from, length * size)
    return Array.from({ length }, (_, place): Named => {
      const own = bytes.subarray(place * size, (place + 1) * size)
      const value = { type: list.element ?? this.#byte(), bytes: own, address: from + place * size }
      return { name: String(start + place), value }
    })
  }

  #byte(): number {
    return this.#values.types.findIndex(
      (type) => type.kind === 'number' && type.bytes === 1 && type.form === 'unsigned',
    )
  }

  /** Layouts of std/assembly: array.ts, staticarray.ts, arraybuffer.ts. */
  async #list({
    type: { shape },
    address,
    size,
  }: Located): Promise<{ at: number; count: number; element?: number }> {
    if (shape.is === 'array') {
      return {
        at: await this.#word(address + 4),
        count: await this.#word(address + 12),
        element: shape.element,
      }
    }
    if (shape.is === 'view') {
      const bytes = await this.#word(address + 8)
      const count = Math.floor(bytes / this.#values.sizeOf(shape.element))
      return { at: await this.#word(address + 4), count, element: shape.element }
    }
    if (shape.is === 'static-array') {
      return {
        at: address,
        count: Math.floor(size / this.#values.sizeOf(shape.element)),
        element: shape.element,
      }
    }
    return { at: address, count: size }
  }

  /** Those of map.ts and set.ts: in the order in which they were added, with those that were deleted between them. */
  async #entries({ type: { shape }, address }: Located, start: number, count: number): Promise<Named[]> {
    if (shape.is !== 'map' && shape.is !== 'set') return []
    const entries = await this.#word(address + 8)
    const used = Math.min(await this.#word(address + 16), mostEntries)
    const keySize = this.#values.sizeOf(shape.key)
    const valueSize = shape.is === 'map' ? this.#values.sizeOf(shape.value) : 0
    const valueAt = shape.is === 'map' ? align(keySize, valueSize) : keySize
    const nextAt = align(valueAt + valueSize, 4)
    const size = align(nextAt + 4, Math.max(keySize, valueSize, 4))
    const bytes = await this.#values.read(entries, used * size)
    const isThere = (at: number): boolean => (addressOf(bytes.subarray(at + nextAt)) & 1) === 0
    const places = Array.from({ length: Math.floor(bytes.length / size) }, (_, place) => place * size)
    const asked = places.filter(isThere).slice(start, start + count)
    return Promise.all(
      asked.map(async (at, place): Promise<Named> => {
        const key = { type: shape.key, bytes: bytes.subarray(at, at + keySize) }
        if (shape.is === 'set') return { name: String(start + place), value: key }
        const own = bytes.subarray(at + valueAt, at + valueAt + valueSize)
        const value = { type: shape.value, bytes: own, address: entries + at + valueAt }
        return { name: await this.#values.show(key, 2), value }
      }),
    )
  }
}

function align(offset: number, size: number): number {
  return Math.ceil(offset / size) * size
}
