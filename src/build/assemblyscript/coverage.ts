// What of a source has run: each statement and each function of it begins with a call that tells so. Works on the
// syntax tree, so that every place is the one that a person sees, and generic functions count once.

import * as asc from 'assemblyscript'

/** A statement, or with `name` a function. All count from 1, in UTF-16 units; the end is behind the last. */
export interface CoveredPlace {
  /** Relative to the folder of the function. */
  file: string
  name?: string
  line: number
  column: number
  endLine: number
  endColumn: number
}

/** The host function that is told the number of a place when it is reached for the first time in an instance. */
export const coverageImport = { module: 'wasmate:coverage', name: 'cover' } as const

/** As the sources call it, and where it is. */
export const coverageAlias = { name: '__wasmate_cover', path: 'wasmate/coverage/cover' } as const

/** The library file that has it, for so many places. */
export function writeCoverageLibrary(places: number): string {
  return `@external("${coverageImport.module}", "${coverageImport.name}")
declare function tell(place: i32): void
const seen: usize = memory.data(${Math.max(1, places)})
export function cover(number: f64): void {
  const place = <i32>number
  if (load<u8>(seen + place)) return
  store<u8>(seen + place, 1)
  tell(place)
}
`
}

/** Changes the syntax trees of these sources; gives their places, by number. */
export function addCoverage(sources: readonly asc.Source[]): CoveredPlace[] {
  const places: CoveredPlace[] = []
  for (const source of sources) new Covering(source, places).visitAll(source.statements)
  return places
}

/** What runs nothing by itself. */
const silent = [
  asc.EmptyStatement,
  asc.BlockStatement,
  asc.ExportStatement,
  asc.ExportDefaultStatement,
  asc.ExportImportStatement,
  asc.ImportStatement,
  asc.DeclarationStatement,
]

/** Members of nodes that hold one statement, which gets a block of its own. */
const bodies = ['ifTrue', 'ifFalse', 'body'] as const

type Members = Record<string, unknown>

class Covering {
  readonly #source: asc.Source
  readonly #places: CoveredPlace[]

  constructor(source: asc.Source, places: CoveredPlace[]) {
    this.#source = source
    this.#places = places
  }

  /** The top of a file, whose variables are set before anything is called. */
  visitAll(nodes: unknown[]): void {
    for (const node of nodes) this.#visit(node)
  }

  #visit(value: unknown): void {
    if (Array.isArray(value)) return this.visitAll(value)
    if (!(value instanceof asc.Node)) return
    const isFunction = value instanceof asc.FunctionDeclaration
    if (isFunction && value.body instanceof asc.BlockStatement) return this.#visitFunction(value, value.body)
    const members = value as unknown as Members
    if (!isFunction) this.#giveBlocks(members)
    for (const [name, member] of Object.entries(members)) {
      // A range leads back to the whole source.
      if (name === 'range') continue
      if (isList(value, name, member)) this.#visitList(member)
      else this.#visit(member)
    }
  }

  #visitFunction(declared: asc.FunctionDeclaration, body: asc.BlockStatement): void {
    const { range, name, decorators } = declared
    const place = this.#add({ start: range.start, end: range.end }, name.text || '(anonymous)')
    this.#visit(decorators)
    this.#visitList(body.statements)
    // A constructor calls that of its base first.
    const at = body.statements.findIndex(isSuperCall) + 1
    body.statements.splice(at, 0, this.#call(place, range))
  }

  #visitList(statements: asc.Statement[]): void {
    const covered = statements.flatMap((statement) => {
      const { range } = statement
      const call = silent.some((kind) => statement instanceof kind)
        ? []
        : [this.#call(this.#add({ start: range.start, end: endOf(statement) }), range)]
      this.#visit(statement)
      return isSuperCall(statement) ? [statement, ...call] : [...call, statement]
    })
    statements.splice(0, statements.length, ...covered)
  }

  #giveBlocks(members: Members): void {
    for (const name of bodies) {
      const body = members[name]
      if (!(body instanceof asc.Statement) || body instanceof asc.BlockStatement) continue
      members[name] = asc.Node.createBlockStatement([body], body.range)
    }
  }

  #add({ start, end }: { start: number; end: number }, name?: string): number {
    const [line, column] = [this.#source.lineAt(start), this.#source.columnAt()]
    const [endLine, endColumn] = [this.#source.lineAt(end), this.#source.columnAt()]
    const place = { file: this.#source.normalizedPath, line, column, endLine, endColumn }
    return this.#places.push({ ...place, ...(name !== undefined && { name }) }) - 1
  }

  /** `__wasmate_cover(7.0)`: a literal of an integer has a type that JavaScript lacks. */
  #call(place: number, range: asc.Range): asc.Statement {
    const called = asc.Node.createIdentifierExpression(coverageAlias.name, range)
    const number = asc.Node.createFloatLiteralExpression(place, range)
    return asc.Node.createExpressionStatement(asc.Node.createCallExpression(called, null, [number], range))
  }
}

/** Of blocks, cases, and the parts of a `try`. */
function isList(node: asc.Node, name: string, member: unknown): member is asc.Statement[] {
  const holdsStatements =
    node instanceof asc.BlockStatement || node instanceof asc.SwitchCase || node instanceof asc.TryStatement
  return holdsStatements && Array.isArray(member) && /^statements$|Statements$/.test(name)
}

function isSuperCall(statement: asc.Statement): boolean {
  if (!(statement instanceof asc.ExpressionStatement)) return false
  const { expression } = statement
  return expression instanceof asc.CallExpression && expression.expression instanceof asc.SuperExpression
}

/** Of what holds other statements only its head is a place of its own. */
function endOf(statement: asc.Statement): number {
  const { range } = statement
  if (statement instanceof asc.DoStatement) return range.start + 'do'.length
  if (statement instanceof asc.TryStatement) return range.start + 'try'.length
  if (statement instanceof asc.ForStatement) return statement.body.range.start
  if (statement instanceof asc.ForOfStatement) return statement.iterable.range.end
  const isHeaded =
    statement instanceof asc.IfStatement ||
    statement instanceof asc.WhileStatement ||
    statement instanceof asc.SwitchStatement
  return isHeaded ? statement.condition.range.end : range.end
}
