// The WebAssembly binary format, as far as we need it: bytes in; exports, imports and memories out.
// Section numbers are those of the core specification 2.0 (2022), chapter 5, "Binary Format".

import { WasmateError } from '../errors.ts'
import { WasmReader, readSections, sectionIds } from './reader.ts'

export type ResultType = 'i32' | 'i64' | 'f32' | 'f64' | 'other'
export type ExternKind = 'function' | 'table' | 'memory' | 'global' | 'tag'

export interface FunctionExport {
  name: string
  /** Number of parameters. */
  params: number
  results: ResultType[]
}

export interface WasmMemory {
  /** In pages of 64 KiB. */
  minPages: number
  /** Absent when the module names no maximum. */
  maxPages?: number
  imported: boolean
  /** Addressed with 64 bits. */
  is64: boolean
}

export interface WasmImport {
  module: string
  name: string
  kind: ExternKind
}

export interface WasmInfo {
  functionExports: FunctionExport[]
  imports: WasmImport[]
  memories: WasmMemory[]
}

type FunctionType = Omit<FunctionExport, 'name'>

interface Contents extends WasmInfo {
  types: (FunctionType | undefined)[]
  /** Type index of every function, imported ones first (section 2.5.1). */
  functions: number[]
}

/** Validates and reads a module; throws WASM_INVALID with what the bytes are instead, or why they are not valid. */
export function inspectWasm(bytes: Uint8Array): WasmInfo {
  checkPreamble(bytes)
  if (!WebAssembly.validate(asSource(bytes))) throw new WasmateError('WASM_INVALID', whyInvalid(bytes))
  return readWasm(bytes)
}

/** The same for bytes that are validated elsewhere, because that takes long; the rest of WASM_INVALID is thrown. */
export function readWasm(bytes: Uint8Array): WasmInfo {
  checkPreamble(bytes)
  const contents: Contents = { types: [], functions: [], functionExports: [], imports: [], memories: [] }
  for (const section of readSections(bytes)) {
    sectionReaders[section.id]?.(new WasmReader(bytes, section.start, section.end), contents)
  }
  const { functionExports, imports, memories } = contents
  return { functionExports, imports, memories }
}

/**
 * Exports that a person can call: no parameters, nothing or one i32 back, and neither start-up code nor what a
 * compiler adds for itself. A command has nothing but `_start`, and that is what is called then.
 */
export function callableExports(info: WasmInfo): string[] {
  const names = info.functionExports.filter(returnsCode).map((found) => found.name)
  const callable = names.filter((name) => !startUp.has(name) && !/^(__|asyncify_)/.test(name))
  return callable.length > 0 ? callable : names.filter((name) => name === commandExport)
}

/** What a WASI command is run by: once an instance. */
export const commandExport = '_start'

const startUp = new Set([commandExport, '_initialize', 'hs_init'])

function returnsCode({ params, results }: FunctionExport): boolean {
  return params === 0 && (results.length === 0 || (results.length === 1 && results[0] === 'i32'))
}

// Section 5.5.16: magic and version. A component has the same magic, version 0x0d and layer 1.
function checkPreamble(bytes: Uint8Array): void {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8))
  if (head.toString('latin1', 0, 4) !== '\0asm') {
    throw new WasmateError('WASM_INVALID', `these bytes are ${recognise(bytes)}`)
  }
  const version = head.length < 8 ? undefined : head.readUInt32LE(4)
  if (version === 1) return
  if (version === undefined) throw new WasmateError('WASM_INVALID', 'the file ends within its first 8 bytes')
  if (version >>> 16 === 1) {
    throw new WasmateError('WASM_INVALID', 'this is a component (component model); build a core module')
  }
  throw new WasmateError('WASM_INVALID', `its binary format version is ${version}, not 1`)
}

const known: [name: string, first: number[]][] = [
  ['gzip data; unpack it first', [0x1f, 0x8b]],
  ['a zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an ELF program, not WebAssembly', [0x7f, 0x45, 0x4c, 0x46]],
  ['LLVM bitcode', [0x42, 0x43, 0xc0, 0xde]],
  ['zstd data; unpack it first', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
]

function recognise(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty'
  for (const [name, first] of known) if (first.every((byte, index) => bytes[index] === byte)) return name
  const text = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  const shown = JSON.stringify(text.slice(0, 24))
  if (/^<(!doctype|html|\?xml)/i.test(text)) return `HTML or XML: ${shown}`
  if (/^\(\s*(module|component)/.test(text)) return 'the text format (WAT); assemble it first'
  if (/^[\t\n\r\x20-\x7e\xa0-\ufffc]*$/.test(text)) return `text: ${shown}`
  return `binary data that starts with ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`
}

function whyInvalid(bytes: Uint8Array): string {
  try {
    new WebAssembly.Module(asSource(bytes))
    return 'it does not validate'
  } catch (error) {
    if (error instanceof Error) return error.message.replace(/^WebAssembly\.Module\(\): /, '')
    throw error
  }
}

/** WebAssembly takes no view of shared memory. */
function asSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}

const sectionReaders: Record<number, (reader: WasmReader, contents: Contents) => void> = {
  [sectionIds.type]: (reader, { types }) => {
    for (let left = reader.u32(); left > 0; left--) readRecursiveType(reader, types)
  },
  [sectionIds.import]: (reader, contents) => {
    for (let left = reader.u32(); left > 0; left--) readImport(reader, contents)
  },
  [sectionIds.function]: (reader, { functions }) => {
    for (let left = reader.u32(); left > 0; left--) functions.push(reader.u32())
  },
  [sectionIds.memory]: (reader, { memories }) => {
    for (let left = reader.u32(); left > 0; left--) memories.push({ ...reader.limits(), imported: false })
  },
  [sectionIds.export]: (reader, contents) => {
    for (let left = reader.u32(); left > 0; left--) readExport(reader, contents)
  },
}

// Section 5.3.7 of core 3.0: a type entry may be a group (0x4e) of types, each with supertypes (0x50, 0x4f).
function readRecursiveType(reader: WasmReader, types: Contents['types']): void {
  if (reader.peek() !== 0x4e) return void types.push(readSubtype(reader))
  reader.byte()
  for (let left = reader.u32(); left > 0; left--) types.push(readSubtype(reader))
}

function readSubtype(reader: WasmReader): FunctionType | undefined {
  let form = reader.byte()
  if (form === 0x50 || form === 0x4f) {
    for (let left = reader.u32(); left > 0; left--) reader.u32()
    form = reader.byte()
  }
  if (form === 0x60) return readFunctionType(reader)
  for (let left = form === 0x5f ? reader.u32() : 1; left > 0; left--) {
    reader.valueType()
    reader.byte()
  }
  return undefined
}

const resultTypes: Record<number, ResultType> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' }

function readFunctionType(reader: WasmReader): FunctionType {
  const params = reader.u32()
  for (let left = params; left > 0; left--) reader.valueType()
  const results: ResultType[] = []
  for (let left = reader.u32(); left > 0; left--) results.push(resultTypes[reader.valueType()] ?? 'other')
  return { params, results }
}

const externKinds = ['function', 'table', 'memory', 'global', 'tag'] as const

// Section 5.5.5
function readImport(reader: WasmReader, contents: Contents): void {
  const module = reader.name()
  const name = reader.name()
  const kind = externKinds[reader.byte()] ?? 'tag'
  contents.imports.push({ module, name, kind })
  if (kind === 'function') contents.functions.push(reader.u32())
  else if (kind === 'memory') contents.memories.push({ ...reader.limits(), imported: true })
  else skipImportType(reader, kind)
}

function skipImportType(reader: WasmReader, kind: 'table' | 'global' | 'tag'): void {
  if (kind === 'tag') {
    reader.byte()
    reader.u32()
    return
  }
  reader.valueType()
  if (kind === 'table') reader.limits()
  else reader.byte()
}

// Section 5.5.10
function readExport(reader: WasmReader, { functionExports, functions, types }: Contents): void {
  const name = reader.name()
  const kind = reader.byte()
  const index = reader.u32()
  const type = types[functions[index] ?? -1]
  if (kind === 0 && type) functionExports.push({ name, ...type })
}
