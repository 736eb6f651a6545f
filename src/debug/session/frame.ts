// One frame of a stopped module: its variables, by their names and as values.

import type { DebugFunction, DebugInfo, DebugVariable } from '../../debug-info.ts'
import type { CallFrame, Machine, WasmValue } from './machine.ts'
import { type Named, type ReadMemory, type Value, Values } from '../values/values.ts'

export class Frame {
  readonly call: CallFrame
  readonly function: DebugFunction | undefined
  readonly values: Values
  readonly #machine: Machine
  readonly #info: DebugInfo
  #locals: Promise<WasmValue[]> | undefined
  #globals: Promise<WasmValue[]> | undefined

  constructor(
    call: CallFrame,
    within: DebugFunction | undefined,
    machine: Machine,
    info: DebugInfo,
    read: ReadMemory,
  ) {
    this.call = call
    this.function = within
    this.#machine = machine
    this.#info = info
    this.values = new Values(info.types, read)
  }

  get offset(): number {
    return this.call.location.columnNumber
  }

  /** Of two of one name, that of the inner block. */
  async locals(): Promise<Named[]> {
    if (this.#info.types.length === 0) return []
    return this.#read([...this.#inScope.values()])
  }

  async globals(): Promise<Named[]> {
    return this.#read(this.#info.globals.filter(({ isMember }) => !isMember))
  }

  /** What WebAssembly itself has, for code that nobody has described. */
  async rawLocals(): Promise<WasmValue[]> {
    return (this.#locals ??= this.#machine.locals(this.call))
  }

  /** A local before a global, and both before a member of an enum, in C by its own name. */
  async find(name: string): Promise<Value | undefined> {
    const variable = this.#inScope.get(name) ?? this.#info.globals.find((each) => each.name === name)
    return variable ? this.#valueOf(variable) : this.#memberOfEnum(name)
  }

  #memberOfEnum(name: string): Value | undefined {
    for (const [type, each] of this.#info.types.entries()) {
      if (each.kind !== 'enum') continue
      const member = each.members.find(([own]) => own === name || `${each.name}.${own}` === name)
      if (!member) continue
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(member[1])))
      return { type, bytes: bytes.subarray(0, each.bytes) }
    }
    return undefined
  }

  /** By name. What is nowhere while this code runs is of another block, or optimised away. */
  get #inScope(): Map<string, DebugVariable> {
    const here = (this.function?.variables ?? []).filter((each) => this.#placeOf(each))
    return new Map(here.map((each) => [each.name, each]))
  }

  #placeOf({ places }: DebugVariable): DebugVariable['places'][0] | undefined {
    return places.find(({ start = 0, end = Infinity }) => this.offset >= start && this.offset < end)
  }

  async #read(variables: readonly DebugVariable[]): Promise<Named[]> {
    const read = await Promise.all(
      variables.map(async (each) => {
        const value = await this.#valueOf(each)
        return value ? [{ name: each.name, value }] : []
      }),
    )
    return read.flat()
  }

  /** Nothing for one that is nowhere while this code runs. */
  async #valueOf(variable: DebugVariable): Promise<Value | undefined> {
    const { type } = variable
    const place = this.#placeOf(variable)
    if (!place) return undefined
    if (place.at === 'constant') return { type, bytes: place.bytes }
    if (place.at !== 'memory') return { type, bytes: toBytes(await this.#wasmValue(place)) }
    const base = place.base ? Number((await this.#wasmValue(place.base))?.text ?? NaN) >>> 0 : 0
    return this.values.at(type, base + place.offset)
  }

  async #wasmValue(place: { at: 'local' | 'global'; index: number }): Promise<WasmValue | undefined> {
    if (place.at === 'local') return (await this.rawLocals())[place.index]
    return (await (this.#globals ??= this.#machine.globals(this.call)))[place.index]
  }
}

/** As they would be in memory. */
function toBytes(value: WasmValue | undefined): Uint8Array {
  if (!value) return new Uint8Array()
  const bytes = Buffer.alloc(8)
  const { type, text } = value
  if (type === 'f32') bytes.writeFloatLE(Number(text))
  else if (type === 'f64') bytes.writeDoubleLE(Number(text))
  else if (type === 'i64') bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(text)))
  else bytes.writeInt32LE(Number(text) | 0)
  return bytes.subarray(0, type === 'i64' || type === 'f64' ? 8 : 4)
}
