// DWARF in a module's custom sections -> what a debugger knows of it.

import type { DebugFunction, DebugInfo, DebugVariable, LineRow } from '../../debug-info.ts'
import { attribute, tag } from './dwarf/constants.ts'
import { type Entry, type Sections, type Unit, readUnits } from './dwarf/entries.ts'
import { type Row, readRows } from './dwarf/lines.ts'
import { type Scene, frameBaseOf, placesOf, placesOfConstant } from './dwarf/places.ts'
import { clip, rangesOf } from './dwarf/ranges.ts'
import { Types, numberOf, textOf } from './dwarf/types.ts'
import type { ModuleParts } from './module.ts'

export function hasDwarf({ custom }: ModuleParts): boolean {
  return custom.has('.debug_info') && custom.has('.debug_line')
}

/** Throws RangeError, or what says which part is of no known form. */
export function fromDwarf(parts: ModuleParts): DebugInfo {
  const sections: Sections = (name) => parts.custom.get(name)
  const units = readUnits(sections)
  const entries = new Map<number, Entry>()
  for (const { root } of units) note(root, entries)
  const reader = new Reader(parts, sections, entries)
  for (const unit of units) reader.read(unit)
  return reader.result()
}

function note(entry: Entry, entries: Map<number, Entry>): void {
  entries.set(entry.offset, entry)
  for (const child of entry.children) note(child, entries)
}

class Reader {
  readonly #parts: ModuleParts
  readonly #sections: Sections
  readonly #entries: Map<number, Entry>
  readonly #types: Types
  readonly #rows: Row[] = []
  readonly #functions = new Map<number, DebugFunction>()
  readonly #globals: DebugVariable[] = []

  constructor(parts: ModuleParts, sections: Sections, entries: Map<number, Entry>) {
    this.#parts = parts
    this.#sections = sections
    this.#entries = entries
    this.#types = new Types(entries)
    for (const { name, index, start, end } of parts.functions) {
      this.#functions.set(start, {
        name: name ?? `function ${index}`,
        start,
        end,
        body: start,
        variables: [],
      })
    }
  }

  read(unit: Unit): void {
    const { root } = unit
    const lines = numberOf(root, attribute.stmtList)
    const folder = textOf(root, attribute.compDir) ?? '/'
    if (lines !== undefined)
      for (const row of withoutDead(readRows(this.#sections, lines, folder))) this.#rows.push(row)
    const scene = {
      ...{ sections: this.#sections, unit, codeStart: this.#parts.codeStart, frameBase: undefined },
      lowPc: numberOf(root, attribute.lowPc) ?? 0,
    }
    for (const child of root.children) this.#readTop(child, scene)
  }

  #readTop(entry: Entry, scene: Scene): void {
    if (entry.tag === tag.subprogram) return this.#readFunction(entry, scene)
    const variable = entry.tag === tag.variable ? this.#toVariable(entry, scene) : undefined
    if (variable && variable.places.length > 0) this.#globals.push(variable)
    // Namespaces, and modules of other languages.
    if (entry.tag === 0x39 || entry.tag === 0x1e)
      for (const child of entry.children) this.#readTop(child, scene)
  }

  #readFunction(entry: Entry, scene: Scene): void {
    const low = numberOf(entry, attribute.lowPc)
    const found = low === undefined ? undefined : this.#functionAt(low + this.#parts.codeStart)
    // What was left out when it was linked has an address that is none.
    if (!found) return
    const name = this.#attributeOf(entry, attribute.name)
    if (name !== undefined) found.name = name
    const frameBase = frameBaseOf(entry.attributes.get(attribute.frameBase))
    this.#addVariables(entry, found, { ...scene, frameBase })
  }

  #functionAt(offset: number): DebugFunction | undefined {
    const exact = this.#functions.get(offset)
    if (exact) return exact
    for (const each of this.#functions.values()) if (offset >= each.start && offset < each.end) return each
    return undefined
  }

  /** An inner variable of the same name comes later, and is found first. */
  #addVariables(entry: Entry, found: DebugFunction, scene: Scene): void {
    for (const child of entry.children) {
      if (child.tag === tag.lexicalBlock || child.tag === tag.inlinedSubroutine)
        this.#addVariables(child, found, { ...scene, within: rangesOf(child, scene) ?? scene.within })
      if (child.tag !== tag.formalParameter && child.tag !== tag.variable) continue
      const variable = this.#toVariable(child, scene)
      if (variable)
        found.variables.push({ ...variable, ...(child.tag === tag.formalParameter && { isParameter: true }) })
    }
  }

  #toVariable(entry: Entry, scene: Scene): DebugVariable | undefined {
    const name = this.#attributeOf(entry, attribute.name)
    if (name === undefined) return undefined
    const type = this.#types.of(this.#typed(entry))
    const constant = entry.attributes.get(attribute.constValue)
    const places = constant
      ? placesOfConstant(constant)
      : placesOf(entry.attributes.get(attribute.location), scene)
    return { name, type, places: clip(places, scene.within) }
  }

  /** What is said once for all copies of a function is said elsewhere. */
  #origin(entry: Entry): Entry | undefined {
    const origin = numberOf(entry, attribute.abstractOrigin) ?? numberOf(entry, attribute.specification)
    return origin === undefined ? undefined : this.#entries.get(origin)
  }

  #attributeOf(entry: Entry, name: number): string | undefined {
    const origin = this.#origin(entry)
    return textOf(entry, name) ?? (origin && this.#attributeOf(origin, name))
  }

  #typed(entry: Entry): Entry {
    return entry.attributes.has(attribute.type) ? entry : (this.#origin(entry) ?? entry)
  }

  result(): DebugInfo {
    const sources: string[] = []
    const places = new Map<string, number>()
    const sourceOf = (path: string): number => {
      const known = places.get(path)
      if (known !== undefined) return known
      places.set(path, sources.push(path) - 1)
      return sources.length - 1
    }
    const { codeStart } = this.#parts
    const afterPrologue = new Set<number>()
    const rows = this.#rows.map(({ address, path, line, column, ends, endsPrologue }): LineRow => {
      const offset = address + codeStart
      if (endsPrologue) afterPrologue.add(offset)
      return ends
        ? { offset, source: 0, line: 0, column: 0 }
        : { offset, source: sourceOf(path), line, column }
    })
    // Where one sequence ends another can begin, which then holds.
    rows.sort((one, other) => one.offset - other.offset || Math.min(one.line, 1) - Math.min(other.line, 1))
    const functions = [...this.#functions.values()]
    setBodies(functions, rows, afterPrologue)
    return { sources, rows, functions, globals: this.#globals, types: this.#types.list }
  }
}

/** The row that says so, or else the second line that a function has. */
function setBodies(functions: DebugFunction[], rows: LineRow[], afterPrologue: ReadonlySet<number>): void {
  let at = 0
  for (const each of functions) {
    while ((rows[at]?.offset ?? Infinity) < each.start) at++
    const own: LineRow[] = []
    for (let next = at; (rows[next]?.offset ?? Infinity) < each.end; next++) {
      const row = rows[next]
      if (row && row.line > 0) own.push(row)
    }
    const said = own.find(({ offset }) => afterPrologue.has(offset))
    each.body = (said ?? own.find(({ line }) => line !== own[0]?.line) ?? own[0])?.offset ?? each.start
  }
}

/** Without the sequences of what was left out when it was linked: those begin where no function does. */
function withoutDead(rows: Row[]): Row[] {
  const kept: Row[] = []
  let sequence: Row[] = []
  for (const row of rows) {
    sequence.push(row)
    if (!row.ends) continue
    const first = sequence[0]?.address ?? 0
    if (first > 0 && first < deadFrom) kept.push(...sequence)
    sequence = []
  }
  return kept
}

const deadFrom = 0xfffffff0
