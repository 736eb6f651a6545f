// The line programs of .debug_line as rows. DWARF 2 to 5, section 6.2.

import { isAbsolute, join } from 'node:path'
import { Cursor } from './cursor.ts'
import type { Sections } from './entries.ts'

export interface Row {
  /** From the beginning of the code section's content. */
  address: number
  path: string
  line: number
  column: number
  isStatement: boolean
  /** After what sets a function up. */
  endsPrologue: boolean
  /** Nothing is known from here on. */
  ends: boolean
}

interface Header {
  minimum: number
  defaultIsStatement: boolean
  lineBase: number
  lineRange: number
  opcodeBase: number
  lengths: number[]
  pathOf: (file: number) => string
}

const none = new Uint8Array()

/** Of the unit whose program is there. */
export function readRows(sections: Sections, at: number, folder: string): Row[] {
  const cursor = new Cursor(sections('.debug_line') ?? none, at)
  let length = cursor.u32()
  const is64 = length === 0xffffffff
  if (is64) length = cursor.u64()
  const end = cursor.at + length
  const version = cursor.u16()
  if (version < 2 || version > 5) return []
  if (version >= 5) cursor.at += 2
  const headerLength = is64 ? cursor.u64() : cursor.u32()
  const program = cursor.at + headerLength
  const header = readHeader(cursor, { sections, version, is64, folder })
  cursor.at = program
  return run(cursor, end, header)
}

interface Tables {
  sections: Sections
  version: number
  is64: boolean
  folder: string
}

function readHeader(cursor: Cursor, tables: Tables): Header {
  const minimum = cursor.byte()
  if (tables.version >= 4) cursor.byte()
  const defaultIsStatement = cursor.byte() !== 0
  const lineBase = cursor.i8()
  const lineRange = cursor.byte()
  const opcodeBase = cursor.byte()
  const lengths = Array.from({ length: opcodeBase - 1 }, () => cursor.byte())
  const pathOf = tables.version >= 5 ? readPaths5(cursor, tables) : readPaths(cursor, tables)
  return { minimum, defaultIsStatement, lineBase, lineRange, opcodeBase, lengths, pathOf }
}

function readPaths(cursor: Cursor, { folder }: Tables): Header['pathOf'] {
  const folders = [folder]
  for (let name = cursor.text(); name !== ''; name = cursor.text()) folders.push(under(folder, name))
  const files: string[] = ['']
  for (let name = cursor.text(); name !== ''; name = cursor.text()) {
    const parent = folders[cursor.uleb()] ?? folder
    cursor.uleb()
    cursor.uleb()
    files.push(under(parent, name))
  }
  return (file) => files[file] ?? ''
}

function readPaths5(cursor: Cursor, tables: Tables): Header['pathOf'] {
  const folders: string[] = []
  for (const { path } of readTable(cursor, tables)) folders.push(under(folders[0] ?? tables.folder, path))
  const files = readTable(cursor, tables).map(({ path, folder }) =>
    under(folders[folder] ?? tables.folder, path),
  )
  return (file) => files[file] ?? ''
}

/** Section 6.2.4.1: what an entry holds is told first. */
function readTable(cursor: Cursor, { sections, is64 }: Tables): { path: string; folder: number }[] {
  const format = Array.from({ length: cursor.byte() }, () => [cursor.uleb(), cursor.uleb()] as const)
  const textAt = (name: string): string =>
    new Cursor(sections(name) ?? none, is64 ? cursor.u64() : cursor.u32()).text()
  const count = cursor.uleb()
  if (count > cursor.length)
    throw new RangeError(`a table has ${count} entries, more than its section has bytes`)
  return Array.from({ length: count }, () => {
    const entry = { path: '', folder: 0 }
    for (const [content, form] of format) {
      let value: string | number = 0
      if (form === 0x08) value = cursor.text()
      else if (form === 0x0e) value = textAt('.debug_str')
      else if (form === 0x1f) value = textAt('.debug_line_str')
      else if (form === 0x0b) value = cursor.byte()
      else if (form === 0x05) value = cursor.u16()
      else if (form === 0x0f) value = cursor.uleb()
      else if (form === 0x1e) cursor.block(16)
      else throw new Error(`DWARF has a file name of the unknown form ${form}`)
      if (content === 1) entry.path = String(value)
      if (content === 2) entry.folder = Number(value)
    }
    return entry
  })
}

function under(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

/** Section 6.2.5 */
function run(cursor: Cursor, end: number, header: Header): Row[] {
  const { minimum, defaultIsStatement, lineBase, lineRange, opcodeBase } = header
  const rows: Row[] = []
  const fresh = () => ({
    ...{ address: 0, file: 1, line: 1, column: 0, isStatement: defaultIsStatement, endsPrologue: false },
  })
  let state = fresh()
  const emit = (ends = false): void => {
    const { file, ...rest } = state
    rows.push({ ...rest, path: header.pathOf(file), ends })
    state.endsPrologue = false
  }
  const standard: Record<number, () => void> = {
    1: () => emit(),
    2: () => void (state.address += cursor.uleb() * minimum),
    3: () => void (state.line += cursor.sleb()),
    4: () => void (state.file = cursor.uleb()),
    5: () => void (state.column = cursor.uleb()),
    6: () => void (state.isStatement = !state.isStatement),
    8: () => void (state.address += Math.floor((255 - opcodeBase) / lineRange) * minimum),
    9: () => void (state.address += cursor.u16()),
    10: () => void (state.endsPrologue = true),
  }
  const extended = (): void => {
    const size = cursor.uleb()
    const next = cursor.at + size
    const code = cursor.byte()
    if (code === 1) {
      emit(true)
      state = fresh()
    } else if (code === 2) state.address = cursor.uint(size - 1)
    cursor.at = next
  }
  while (cursor.at < end) {
    const code = cursor.byte()
    const known = standard[code]
    if (code >= opcodeBase) {
      const adjusted = code - opcodeBase
      state.address += Math.floor(adjusted / lineRange) * minimum
      state.line += lineBase + (adjusted % lineRange)
      emit()
    } else if (code === 0) extended()
    else if (known) known()
    else for (let left = header.lengths[code - 1] ?? 0; left > 0; left--) cursor.uleb()
  }
  return rows
}
