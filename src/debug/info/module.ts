// What a debugger needs of a module's bytes: where each function is, what it is called, which custom sections there are.

import { WasmReader, readSections, sectionIds } from '../../base/wasm/reader.ts'

export interface ModuleParts {
  /** Of the content of the code section: DWARF and V8 count from different places. */
  codeStart: number
  functions: ModuleFunction[]
  /** Names of globals, by index. */
  globals: Map<number, string>
  custom: Map<string, Uint8Array>
}

export interface ModuleFunction {
  /** Imported ones are counted too. */
  index: number
  name: string | undefined
  /** Offsets of its body: its locals and its code. */
  start: number
  end: number
  /** Offset of its first instruction. */
  code: number
  /** By index, as the name section has them. */
  locals: Map<number, string>
}

type Body = Pick<ModuleFunction, 'start' | 'end' | 'code'>

interface Names {
  functions: Map<number, string>
  locals: Map<number, Map<number, string>>
  globals: Map<number, string>
}

/** Throws WASM_INVALID. */
export function readModuleParts(bytes: Uint8Array): ModuleParts {
  const custom = new Map<string, Uint8Array>()
  let [imported, codeStart] = [0, 0]
  let bodies: Body[] = []
  for (const { id, start, end } of readSections(bytes)) {
    const reader = new WasmReader(bytes, start, end)
    if (id === sectionIds.custom) {
      const name = reader.name()
      custom.set(name, bytes.subarray(reader.at, end))
    }
    if (id === sectionIds.import) imported = countImportedFunctions(reader)
    if (id !== sectionIds.code) continue
    codeStart = start
    bodies = readBodies(reader)
  }
  const names = readNames(custom.get('name'))
  const functions = bodies.map((body, place): ModuleFunction => {
    const index = imported + place
    return {
      index,
      name: names.functions.get(index),
      ...body,
      locals: names.locals.get(index) ?? new Map<number, string>(),
    }
  })
  return { codeStart, functions, globals: names.globals, custom }
}

/** Where the body of an exported function starts; `undefined` for what is none of this module's own. Section 5.5.10 */
export function startOfExport(bytes: Uint8Array, name: string): number | undefined {
  const { functions } = readModuleParts(bytes)
  for (const { id, start, end } of readSections(bytes)) {
    if (id !== sectionIds.export) continue
    const reader = new WasmReader(bytes, start, end)
    for (let left = reader.u32(); left > 0; left--) {
      const [found, kind, index] = [reader.name(), reader.byte(), reader.u32()]
      if (kind === 0 && found === name) return functions.find((each) => each.index === index)?.start
    }
  }
  return undefined
}

/** Section 5.5.13 */
function readBodies(reader: WasmReader): Body[] {
  return Array.from({ length: reader.u32() }, () => {
    const size = reader.u32()
    const start = reader.at
    for (let left = reader.u32(); left > 0; left--) {
      reader.u32()
      reader.valueType()
    }
    const code = reader.at
    reader.skip(start + size - code)
    return { start, code, end: reader.at }
  })
}

/** Section 5.5.5 */
function countImportedFunctions(reader: WasmReader): number {
  let functions = 0
  for (let left = reader.u32(); left > 0; left--) {
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === 0) {
      functions++
      reader.u32()
    } else if (kind === 1) {
      reader.valueType()
      reader.limits()
    } else if (kind === 2) reader.limits()
    else if (kind === 3) {
      reader.valueType()
      reader.byte()
    } else {
      reader.byte()
      reader.u32()
    }
  }
  return functions
}

/** Appendix 7.4 with the extended name section, whose part 7 has globals. Nobody validates it: what is wrong is let be. */
function readNames(section: Uint8Array | undefined): Names {
  const names: Names = { functions: new Map(), locals: new Map(), globals: new Map() }
  if (!section) return names
  try {
    const reader = new WasmReader(section, 0, section.length)
    while (!reader.done) {
      const id = reader.byte()
      const size = reader.u32()
      const end = reader.at + size
      const part = new WasmReader(section, reader.at, end)
      if (id === 1) names.functions = readNameMap(part)
      if (id === 2)
        for (let left = part.u32(); left > 0; left--) names.locals.set(part.u32(), readNameMap(part))
      if (id === 7) names.globals = readNameMap(part)
      reader.skip(size)
    }
  } catch {
    return names
  }
  return names
}

function readNameMap(reader: WasmReader): Map<number, string> {
  const names = new Map<number, string>()
  for (let left = reader.u32(); left > 0; left--) names.set(reader.u32(), reader.name())
  return names
}
