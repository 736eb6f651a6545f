// Compiles as the compiler does, and keeps what it forgets: which declaration each local is of, and what those are worth
// that it puts in place as numbers.

import * as asc from 'assemblyscript'

export class DeclaringCompiler extends asc.Compiler {
  /** By locals of the module. */
  readonly declared = new Map<asc.Local, asc.VariableDeclaration>()
  /** By functions, and within those by declarations: a loop is compiled twice. */
  readonly constants = new Map<asc.Function, Map<asc.VariableDeclaration, asc.Local>>()

  override compileStatement(statement: asc.Statement): number {
    const compiled = super.compileStatement(statement)
    if (!(statement instanceof asc.VariableStatement)) return compiled
    for (const declaration of statement.declarations) this.#note(declaration)
    return compiled
  }

  #note(declaration: asc.VariableDeclaration): void {
    const { scopedLocals, targetFunction } = this.currentFlow
    const local = scopedLocals?.get(declaration.name.text)
    if (!local) return
    if (local.index >= 0) this.declared.set(local, declaration)
    else if (constantOf(local) !== undefined) {
      const known = this.constants.get(targetFunction) ?? new Map<asc.VariableDeclaration, asc.Local>()
      this.constants.set(targetFunction, known.set(declaration, local))
    }
  }
}

/** Of something that has no place in the module: its bytes, as they would be in memory, in hex digits. */
export function constantOf(element: asc.VariableLikeElement): string | undefined {
  const { constantValueKind, constantIntegerValue, constantFloatValue, type } = element
  const bytes = Buffer.alloc(8)
  if (constantValueKind === kinds.integer) {
    const { low, high } = constantIntegerValue as unknown as { low: number; high: number }
    bytes.writeInt32LE(low, 0)
    bytes.writeInt32LE(high, 4)
  } else if (constantValueKind !== kinds.float) return undefined
  else if (type.byteSize === 4) bytes.writeFloatLE(constantFloatValue)
  else bytes.writeDoubleLE(constantFloatValue)
  return bytes.subarray(0, type.byteSize).toString('hex')
}

/** The compiler's own are a `const enum` of its declarations, and not there to be imported. */
const kinds: Record<string, asc.ConstantValueKind> = { integer: 1, float: 2 }
