// Bytes of a type -> what a person reads. Nothing of the function runs for it.

import type { DebugType, NumberForm } from '../../debug-info.ts'
import { References } from './references.ts'

export interface Value {
  /** Place in the types of the module. */
  type: number
  bytes: Uint8Array
  /** Where it is, when it is in memory. */
  address?: number
}

export interface Named {
  name: string
  value: Value
}

export type Scalar = number | bigint | string | boolean | null

export type ReadMemory = (address: number, length: number) => Promise<Uint8Array>

/** As many of a list are shown at once. */
export const mostElements = 1_000
const previewed = 8
const longestText = 2_000
/** What has no zero by then is taken for no text. */
const longestSought = 65_536

export class Values {
  readonly types: readonly DebugType[]
  readonly read: ReadMemory
  readonly #references: References

  constructor(types: readonly DebugType[], read: ReadMemory) {
    this.types = types
    this.read = read
    this.#references = new References(this)
  }

  /** Of whatever it is another name for. */
  typeOf(place: number): DebugType {
    const found = this.types[place] ?? { kind: 'opaque', name: '?' }
    return found.kind === 'alias' ? this.typeOf(found.of) : found
  }

  nameOf(place: number): string {
    return this.types[place]?.name ?? '?'
  }

  sizeOf(place: number): number {
    const type = this.typeOf(place)
    if (type.kind === 'number' || type.kind === 'enum' || type.kind === 'struct') return type.bytes
    return type.kind === 'array' ? type.count * this.sizeOf(type.element) : 4
  }

  async at(type: number, address: number): Promise<Value> {
    return { type, address, bytes: await this.read(address, this.sizeOf(type)) }
  }

  /** The type that it has while it runs, of an object. */
  async nameOfValue(value: Value): Promise<string> {
    return (await this.#references.dynamicType(value))?.name ?? this.nameOf(value.type)
  }

  /** What it is for an operator, whole numbers as bigints; `undefined` for what has parts. */
  async scalar(value: Value): Promise<Scalar | undefined> {
    const type = this.typeOf(value.type)
    if (type.kind === 'number') return whole(decode(value.bytes, type.bytes, type.form), type.form)
    if (type.kind === 'enum') return whole(decode(value.bytes, type.bytes, formOf(type)), formOf(type))
    if (type.kind === 'reference') return this.#references.scalar(value)
    if (type.kind === 'pointer') return BigInt(addressOf(value.bytes))
    return undefined
  }

  async show(value: Value, depth = 0): Promise<string> {
    const type = this.typeOf(value.type)
    if (value.bytes.length === 0) return type.kind === 'struct' ? '{}' : 'not readable'
    if (type.kind === 'number') return showNumber(decode(value.bytes, type.bytes, type.form), type)
    if (type.kind === 'enum') {
      const number = Number(decode(value.bytes, type.bytes, formOf(type)))
      return type.members.find(([, each]) => each === number)?.[0] ?? String(number)
    }
    if (type.kind === 'pointer') return this.#showPointer(value, type.to)
    if (type.kind === 'reference') return this.#references.show(value, depth)
    if (type.kind === 'opaque') return `0x${addressOf(value.bytes).toString(16)}`
    const text = type.kind === 'array' ? this.#textIn(value.bytes, type.element) : undefined
    if (text !== undefined) return quote(text)
    const [open, close] = type.kind === 'struct' ? ['{', '}'] : ['[', ']']
    if (depth > 1) return `${open}…${close}`
    const shown = (await this.parts(value, 0, previewed + 1)).slice(0, previewed)
    const texts = await Promise.all(
      shown.map(async (each) => {
        const text = await this.show(each.value, depth + 1)
        return type.kind === 'struct' ? `${each.name}: ${text}` : text
      }),
    )
    return `${open}${texts.join(', ')}${(await this.count(value)) > previewed ? ', …' : ''}${close}`
  }

  /** How many parts it has. */
  async count(value: Value): Promise<number> {
    const type = this.typeOf(value.type)
    if (type.kind === 'struct') return type.fields.length
    if (type.kind === 'array') return type.count
    if (type.kind === 'pointer') return type.to !== undefined && addressOf(value.bytes) !== 0 ? 1 : 0
    return type.kind === 'reference' ? this.#references.count(value) : 0
  }

  async parts(value: Value, start = 0, count = mostElements): Promise<Named[]> {
    const type = this.typeOf(value.type)
    if (type.kind === 'reference') return this.#references.parts(value, start, count)
    if (type.kind === 'pointer') {
      if (type.to === undefined || addressOf(value.bytes) === 0) return []
      return [{ name: '*', value: await this.at(type.to, addressOf(value.bytes)) }]
    }
    if (type.kind === 'struct')
      return type.fields.map((field) =>
        field.bits
          ? { name: field.name, value: this.#bitsOf(value, field.type, field.bits) }
          : this.#within(value, field.name, field.type, field.offset),
      )
    if (type.kind !== 'array') return []
    const size = this.sizeOf(type.element)
    const length = Math.max(0, Math.min(count, type.count - start))
    return Array.from({ length }, (_, place) =>
      this.#within(value, String(start + place), type.element, (start + place) * size),
    )
  }

  #within({ bytes, address }: Value, name: string, type: number, offset: number): Named {
    const own = bytes.subarray(offset, offset + this.sizeOf(type))
    return { name, value: { type, bytes: own, ...(address !== undefined && { address: address + offset }) } }
  }

  /** Of a language whose texts are characters up to a zero: what a name or a pointer to them stands for. */
  async text({ type: place, bytes }: Value): Promise<string | undefined> {
    const type = this.typeOf(place)
    if (type.kind === 'array') return this.#textIn(bytes, type.element)
    const address = addressOf(bytes)
    if (type.kind !== 'pointer' || type.to === undefined || address === 0) return undefined
    if (this.#charOf(type.to) === undefined) return undefined
    for (const most of [longestText, longestSought]) {
      const read = await this.read(address, most)
      const end = read.indexOf(0)
      if (end >= 0) return this.#textIn(read.subarray(0, end), type.to)
    }
    return undefined
  }

  /** As the number that they are, which is nowhere in memory by itself. */
  #bitsOf({ bytes }: Value, type: number, { at, count }: { at: number; count: number }): Value {
    const all = BigInt(`0x0${Buffer.from(bytes).reverse().toString('hex')}`) >> BigInt(at)
    const own = this.typeOf(type)
    const form = own.kind === 'enum' ? formOf(own) : own.kind === 'number' ? own.form : 'unsigned'
    const isSigned = form === 'signed' || form === 'char'
    const number = isSigned ? BigInt.asIntN(count, all) : BigInt.asUintN(count, all)
    const made = Buffer.alloc(8)
    made.writeBigUInt64LE(BigInt.asUintN(64, number))
    return { type, bytes: made.subarray(0, this.sizeOf(type)) }
  }

  /** What a number of one byte stands for in a text. */
  character({ type, bytes: [byte] }: Value): string | undefined {
    return byte === undefined || this.#charOf(type) === undefined ? undefined : String.fromCharCode(byte)
  }

  #charOf(place: number): 'char' | 'byte' | undefined {
    const type = this.typeOf(place)
    const isChar =
      type.kind === 'number' && type.bytes === 1 && (type.form === 'char' || type.form === 'byte')
    return isChar ? (type.form as 'char' | 'byte') : undefined
  }

  /** Bytes are a text when they read as one. */
  #textIn(bytes: Uint8Array, element: number): string | undefined {
    const kind = this.#charOf(element)
    return kind === 'char' || (kind === 'byte' && isReadable(bytes)) ? textOf(bytes) : undefined
  }

  async #showPointer(value: Value, to: number | undefined): Promise<string> {
    const address = addressOf(value.bytes)
    if (address === 0) return 'null'
    const shown = `0x${address.toString(16)}`
    const text = to === undefined ? undefined : await this.text(value)
    return text === undefined ? shown : `${shown} ${quote(text)}`
  }
}

function isReadable(bytes: Uint8Array): boolean {
  const text = textOf(bytes)
  const isRestZero = bytes.subarray(Buffer.byteLength(text)).every((byte) => byte === 0)
  return text !== '' && isRestZero && !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/.test(text)
}

export function addressOf(bytes: Uint8Array): number {
  return bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString()
}

export function quote(text: string): string {
  return text.length > longestText ? `${JSON.stringify(text.slice(0, longestText))}…` : JSON.stringify(text)
}

export function decode(bytes: Uint8Array, size: number, form: NumberForm): number | bigint | boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < size) return NaN
  if (form === 'bool') return view.getUint8(0) !== 0
  if (form === 'float') return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
  const isSigned = form === 'signed' || form === 'char'
  if (size === 1) return isSigned ? view.getInt8(0) : view.getUint8(0)
  if (size === 2) return isSigned ? view.getInt16(0, true) : view.getUint16(0, true)
  if (size === 4) return isSigned ? view.getInt32(0, true) : view.getUint32(0, true)
  if (size === 8) return isSigned ? view.getBigInt64(0, true) : view.getBigUint64(0, true)
  return BigInt(`0x${Buffer.from(bytes.subarray(0, size)).reverse().toString('hex')}`)
}

/** What can't be read is no number. */
function whole(number: number | bigint | boolean, form: NumberForm): number | bigint | boolean {
  const isWhole = form !== 'float' && typeof number === 'number' && Number.isInteger(number)
  return isWhole ? BigInt(number) : number
}

/** One whose members are all positive can have the highest bit of its bytes. */
function formOf({ members }: Extract<DebugType, { kind: 'enum' }>): NumberForm {
  return members.some(([, each]) => each < 0) ? 'signed' : 'unsigned'
}

function showNumber(
  value: number | bigint | boolean,
  { form, bytes }: { form: NumberForm; bytes: number },
): string {
  if (form === 'float' && bytes === 4) return String(shorten(Number(value)))
  if ((form !== 'char' && form !== 'byte') || typeof value !== 'number' || value < 32 || value > 126)
    return String(value)
  return `${value} '${String.fromCharCode(value)}'`
}

/** With as few digits as tell it from other numbers of 32 bits: 0.1, and not 0.10000000149011612. */
function shorten(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
