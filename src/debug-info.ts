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
}

export interface DebugVariable {
  name: string
  /** Place in `types`. */
  type: number
  places: Place[]
  isParameter?: boolean
}

/** Where a value is, while the code between `start` and `end` runs (absent: always). */
export type Place = { start?: number; end?: number } & (
  | { at: 'local' | 'global'; index: number }
  /** At the address that the base holds, and so many bytes on. */
  | { at: 'memory'; base?: { at: 'local' | 'global'; index: number }; offset: number }
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

export type NumberForm = 'signed' | 'unsigned' | 'float' | 'bool' | 'char'

export interface DebugField {
  name: string
  offset: number
  type: number
}

/** What is at such an address, in the runtime of AssemblyScript. */
export type Shape =
  | { is: 'string' | 'buffer' }
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
}

export interface SymbolVariable {
  name: string
  /** Of a local in its function; of a global its name in the module. */
  index: number | string
  type: number
  isParameter?: boolean
}

/** Whether a file, as a frame of a call names it, is one that a person here has written: of no library, and not `<NAME>`, which is elsewhere. */
export function isOwn(file: string): boolean {
  return !/^(?:~lib\/|<)/.test(file)
}
