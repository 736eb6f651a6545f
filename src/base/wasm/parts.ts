// A module taken apart for comparing: its sections, and in the code section each function by itself.
// Section numbers are those of the core specification 2.0 (2022), chapter 5, "Binary Format".

import { WasmateError } from '../errors.ts'
import { readWasm } from './inspect.ts'
import { WasmReader, type WasmSection, readSections, sectionIds } from './reader.ts'

export interface ModulePart {
  /** Equal for the parts of two modules that are to be compared with each other. */
  key: string
  section: string
  /** Name of a custom section. */
  custom?: string
  /** Index of the function, imported ones counted (section 2.5.1). */
  function?: number
  functionName?: string
  /** Offset of what stands before the content: id and size. */
  header: number
  /** Offsets of the content. */
  start: number
  end: number
  /** What the bytes before the content say that it has; for the code section, with all its functions. */
  size: number
}

// Section 5.5.2, and tag (13) of core 3.0.
const sectionNames = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
]

const preambleBytes = 8

/** The parts cover every byte. Gives `undefined` for what is not built like a module. */
export function splitModule(bytes: Uint8Array): ModulePart[] | undefined {
  const head = Buffer.from(bytes.subarray(0, preambleBytes))
  if (head.length < preambleBytes || head.toString('latin1', 0, 4) !== '\0asm') return undefined
  try {
    const sections = [...readSections(bytes)]
    const preamble = {
      key: 'preamble',
      section: 'preamble',
      header: 0,
      start: 0,
      end: preambleBytes,
      size: 0,
    }
    const seen = new Map<string, number>()
    const parts = sections.flatMap((section) => splitSection(bytes, section, sections))
    // Sections of one name are told apart by their order.
    return [preamble, ...parts.map((part) => ({ ...part, key: numbered(part.key, seen) }))]
  } catch (error) {
    if (error instanceof WasmateError) return undefined
    throw error
  }
}

function numbered(key: string, seen: Map<string, number>): string {
  const count = seen.get(key) ?? 0
  seen.set(key, count + 1)
  return `${key} ${count}`
}

function splitSection(bytes: Uint8Array, section: WasmSection, sections: WasmSection[]): ModulePart[] {
  const { id, header, start, end } = section
  const name = sectionNames[id] ?? String(id)
  if (id === sectionIds.code) return splitCode(bytes, section, sections)
  const custom = id === sectionIds.custom ? new WasmReader(bytes, start, end).name() : undefined
  const key = custom === undefined ? name : `custom ${custom}`
  return [
    { key, section: name, ...(custom !== undefined && { custom }), header, start, end, size: end - start },
  ]
}

/** Section 5.5.13: a count, and for each function its size and its body. */
function splitCode(bytes: Uint8Array, section: WasmSection, sections: WasmSection[]): ModulePart[] {
  const reader = new WasmReader(bytes, section.start, section.end)
  const count = reader.u32()
  const imported = readWasm(bytes).imports.filter(({ kind }) => kind === 'function').length
  const names = readNames(bytes, sections)
  const parts: ModulePart[] = [
    {
      key: 'code',
      section: 'code',
      header: section.header,
      start: section.start,
      end: reader.at,
      size: section.end - section.start,
    },
  ]
  for (let index = imported; index < imported + count; index++) {
    const header = reader.at
    const size = reader.u32()
    const start = reader.at
    reader.skip(size)
    const functionName = names.get(index)
    const part = {
      key: `function ${index}`,
      section: 'code',
      function: index,
      header,
      start,
      end: reader.at,
      size,
    }
    parts.push(functionName === undefined ? part : { ...part, functionName })
  }
  if (!reader.done) throw new WasmateError('WASM_INVALID', `bytes are left over at ${reader.at}`)
  return parts
}

function contentOf(bytes: Uint8Array, sections: WasmSection[], id: number): WasmReader | undefined {
  const section = sections.find((each) => each.id === id)
  return section && new WasmReader(bytes, section.start, section.end)
}

/** By function index: what it is exported as, and before that what the name section calls it. */
function readNames(bytes: Uint8Array, sections: WasmSection[]): Map<number, string> {
  const names = new Map<number, string>()
  const exported = contentOf(bytes, sections, sectionIds.export)
  for (let left = exported?.u32() ?? 0; exported && left > 0; left--) {
    const name = exported.name()
    const isFunction = exported.byte() === 0
    const index = exported.u32()
    if (isFunction && !names.has(index)) names.set(index, name)
  }
  for (const { id, start, end } of sections) {
    const reader = new WasmReader(bytes, start, end)
    if (id === sectionIds.custom && reader.name() === 'name') readNameSection(reader, names)
  }
  return names
}

/** Appendix 7.4: subsections; 1 has the names of functions. Not validated by anybody, so what is wrong is let be. */
function readNameSection(reader: WasmReader, names: Map<number, string>): void {
  try {
    while (!reader.done) {
      const id = reader.byte()
      const size = reader.u32()
      if (id === 1) {
        for (let left = reader.u32(); left > 0; left--) names.set(reader.u32(), reader.name())
        return
      }
      reader.skip(size)
    }
  } catch (error) {
    if (!(error instanceof WasmateError)) throw error
  }
}
