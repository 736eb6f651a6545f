// Where each instruction of a body ends, and which of them control goes on from in more than one way.
// Chapter 5.4 of the core specification 2.0 (2022), with the fixed-width SIMD of 5.4.8.

import { WasmateError } from '../../errors.ts'
import type { WasmReader } from '../reader.ts'

/** What comes after these is not always run when they are. */
const branching = new Set([0x00, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13])

/** Prefixes and instructions of proposals whose control flow or types are not followed here. */
const refused: Record<number, string> = {
  ...named('exception handling', [0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f]),
  ...named('typed function references', [0x14, 0x15, 0xd4, 0xd5, 0xd6]),
  ...named('garbage collection', [0xd3, 0xfb]),
  ...named('threads', [0xfe]),
}

function named(feature: string, opcodes: number[]): Record<number, string> {
  return Object.fromEntries(opcodes.map((opcode) => [opcode, feature]))
}

export function refuseFeature(feature: string): WasmateError {
  return new WasmateError('FUEL_REFUSED', `it uses ${feature}`)
}

/** Passes over one; gives whether it branches. Throws FUEL_REFUSED or WASM_INVALID. */
export function skipInstruction(reader: WasmReader): boolean {
  const opcode = reader.byte()
  const feature = refused[opcode]
  if (feature !== undefined) throw refuseFeature(feature)
  skipOperands(reader, opcode)
  return branching.has(opcode)
}

function skipOperands(reader: WasmReader, opcode: number): void {
  if (opcode >= 0x02 && opcode <= 0x04) return skipBlockType(reader)
  if (opcode === 0x0e) return skipList(reader, reader.u32() + 1)
  if (opcode === 0x11 || opcode === 0x13) return skipList(reader, 2)
  if (opcode === 0x1c) return skipTypes(reader)
  if (opcode === 0x43) return reader.skip(4)
  if (opcode === 0x44) return reader.skip(8)
  if (opcode === 0xfc) return skipList(reader, extendedOperands(reader.u32()))
  if (opcode === 0xfd) return skipVector(reader)
  if (opcode >= 0x28 && opcode <= 0x3e) return skipMemoryArgument(reader)
  if (oneOperand(opcode)) reader.u32()
}

/** br, br_if, call, return_call, variables and tables, memory.size and memory.grow, constants, references. */
function oneOperand(opcode: number): boolean {
  if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || opcode === 0x12) return true
  if (opcode >= 0x20 && opcode <= 0x26) return true
  return opcode === 0x3f || (opcode >= 0x40 && opcode <= 0x42) || opcode === 0xd0 || opcode === 0xd2
}

function skipList(reader: WasmReader, count: number): void {
  for (let left = count; left > 0; left--) reader.u32()
}

function skipBlockType(reader: WasmReader): void {
  refuseTypedReference(reader.peek())
  reader.u32()
}

function skipTypes(reader: WasmReader): void {
  for (let left = reader.u32(); left > 0; left--) refuseTypedReference(reader.byte())
}

export function refuseTypedReference(type: number): void {
  if (type === 0x63 || type === 0x64) throw refuseFeature('typed references')
}

/** An alignment with bit 6 set names a memory as well. */
function skipMemoryArgument(reader: WasmReader): void {
  if ((reader.peek() & 0x40) !== 0) throw refuseFeature('several memories')
  skipList(reader, 2)
}

/** 0 to 7 convert; then memory and tables in bulk. */
function extendedOperands(opcode: number): number {
  if (opcode <= 7) return 0
  return opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14 ? 2 : 1
}

function skipVector(reader: WasmReader): void {
  const opcode = reader.u32()
  const isLaneAccess = opcode >= 84 && opcode <= 91
  if (opcode <= 11 || opcode === 92 || opcode === 93 || isLaneAccess) skipMemoryArgument(reader)
  if (opcode === 12 || opcode === 13) reader.skip(16)
  if (isLaneAccess || (opcode >= 21 && opcode <= 34)) reader.skip(1)
}
