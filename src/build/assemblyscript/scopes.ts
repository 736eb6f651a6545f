// Where in a source a variable can be named: of two of one name a debugger shows the one that is meant.

import * as asc from 'assemblyscript'
import type { SourceRange } from '../../debug-info.ts'

interface Found {
  scopes: asc.Range[]
  defaults: asc.Range[]
}

export class Scopes {
  readonly #found = new Map<asc.Source, Found>()

  /** That of a declaration in this function; nothing when it is the whole function. */
  of(declared: asc.Range, { prototype }: asc.Function): SourceRange | undefined {
    let innermost: asc.Range = declared.source.range
    // They come as they are written: one that holds it and comes later is within those before it.
    for (const scope of this.#in(declared.source).scopes) if (contains(scope, declared)) innermost = scope
    const own = [prototype.declaration.range, prototype.bodyNode?.range]
    const isWhole = own.some((each) => each && isSame(each, innermost))
    return isWhole ? undefined : toPlaces(innermost)
  }

  /** The values of parameters that may be left out: the compiler puts them where the function is called. */
  defaultsOf(source: asc.Source): SourceRange[] {
    return this.#in(source).defaults.map(toPlaces)
  }

  #in(source: asc.Source): Found {
    const known = this.#found.get(source)
    if (known) return known
    const found: Found = { scopes: [], defaults: [] }
    this.#found.set(source, found)
    visit(source.statements, found)
    return found
  }
}

const scoped = [
  ...[asc.FunctionDeclaration, asc.BlockStatement, asc.ForStatement, asc.ForOfStatement, asc.SwitchStatement],
]

function visit(value: unknown, found: Found): void {
  if (Array.isArray(value)) return value.forEach((each) => visit(each, found))
  if (!(value instanceof asc.Node)) return
  if (scoped.some((kind) => value instanceof kind)) found.scopes.push(value.range)
  const isParameter = value instanceof asc.ParameterNode
  if (isParameter && value.initializer) found.defaults.push(value.initializer.range)
  for (const [name, member] of Object.entries(value as unknown as Record<string, unknown>)) {
    // A range leads back to the whole source.
    if (name !== 'range') visit(member, found)
  }
}

function contains(outer: asc.Range, { start, end }: asc.Range): boolean {
  return outer.start <= start && end <= outer.end
}

function isSame(one: asc.Range, { source, start, end }: asc.Range): boolean {
  return one.source === source && one.start === start && one.end === end
}

export function toPlaces({ source, start, end }: asc.Range): SourceRange {
  const at = (offset: number): [line: number, column: number] => [source.lineAt(offset), source.columnAt()]
  return { source: source.normalizedPath, start: at(start), end: at(end) }
}
