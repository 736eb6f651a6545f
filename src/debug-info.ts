// What a debugger knows of a module: which byte of it is which line, and where variables are. Of whatever language;
// offsets count from the beginning of the module.

export interface DebugInfo {
  /** Absolute paths; `~lib/...` in a library of AssemblyScript. */
  sources: string[]
  /** In the order of their offsets. */
  rows: LineRow[]
  /** In the order of their offsets. */
  functions: DebugFunction[]
  globals: DebugVariable[]
  types: DebugType[]
}

/** From its offset to that of the next row. */
export interface LineRow {
  offset: number
  /** Place in `sources`. */
  source: number
  /** From 1; 0 for code that no line stands for. */
  line: number
  /** From 1; 0 when it is not known. */
  column: number
}

export interface DebugFunction {
  name: string
  start: number
  end: number
  /** The first offset after what sets it up: before it parameters are not yet where they belong. */
  body: number
  variables: DebugVariable[]
  /** Made by a compiler, to call the one that is meant: a step into it goes on into that one. */
  isStub?: boolean
}

export interface DebugVariable {
  name: string
  /** Place in `types`. */
  type: number
  places: Place[]
  isParameter?: boolean
  /** Of an enum: it can be named, and is not listed. */
  isMember?: boolean
}

/** Where a value is, while the code between `start` and `end` runs (absent: always). */
export type Place = { start?: number; end?: number } & (
  | { at: 'local' | 'global'; index: number }
  /** At the address that the base holds, and so many bytes on. */
  | { at: 'memory'; base?: { at: 'local' | 'global'; index: number }; offset: number }
  /** Nowhere, and always the same. */
  | { at: 'constant'; bytes: Uint8Array }
)

export type DebugType =
  | { kind: 'number'; name: string; bytes: number; form: NumberForm }
  | { kind: 'enum'; name: string; bytes: number; members: [name: string, value: number][] }
  | { kind: 'pointer'; name: string; to?: number }
  | { kind: 'struct'; name: string; bytes: number; fields: DebugField[] }
  | { kind: 'array'; name: string; element: number; count: number }
  /** Another name for the same. */
  | { kind: 'alias'; name: string; of: number }
  /** An address of something that a runtime keeps, and that says itself of which class it is. */
  | { kind: 'reference'; name: string; shape: Shape; id?: number }
  | { kind: 'opaque'; name: string }

/** A `byte` is a number or a part of a text: which of them only its value tells. */
export type NumberForm = 'signed' | 'unsigned' | 'float' | 'bool' | 'char' | 'byte'

export interface DebugField {
  name: string
  offset: number
  type: number
  /** Of a bit-field: how many, and behind how many bits from the beginning of the struct. */
  bits?: { at: number; count: number }
}

/** What is at such an address, in the runtime of AssemblyScript. */
export type Shape =
  | { is: 'string' | 'buffer' }
  /** By their places in the module's table. */
  | { is: 'function'; names: string[] }
  | { is: 'array' | 'static-array' | 'view'; element: number }
  | { is: 'map'; key: number; value: number }
  | { is: 'set'; key: number }
  | { is: 'object'; fields: DebugField[] }

/** What a compiler tells of its module beside the bytes. */
export interface DebugSymbols {
  /** JSON of a source map, its columns offsets in the module. */
  sourceMap: string
  /** Text of libraries, by their names in the map. */
  libraries: Record<string, string>
  functions: { name: string; variables: SymbolVariable[] }[]
  globals: SymbolVariable[]
  types: DebugType[]
  /** Where values of parameters are written that may be left out. */
  defaults: SourceRange[]
}

export interface SymbolVariable {
  name: string
  /** Of a local in its function; of a global its name in the module. */
  index: number | string
  /** Bytes in hex digits, of what the compiler has put in place of it: then it has no index. */
  constant?: string
  type: number
  isParameter?: boolean
  isMember?: boolean
  /** Where it can be named; absent: in all of its function. */
  scope?: SourceRange
  /** Of a function that was put in the place of its call: it can be named in what is not written here. */
  outside?: SourceRange
}

/** Lines and columns count from 1, the end is behind the last. */
export interface SourceRange {
  source: string
  start: [line: number, column: number]
  end: [line: number, column: number]
}

/** Whether a file, as a frame of a call names it, is one that a person here has written: of no library, and not `<NAME>`, which is elsewhere. */
export function isOwn(file: string): boolean {
  return !/^(?:~lib\/|<)/.test(file)
}
