// Expressions of conditions, watches and hovers: names, fields, elements, numbers and texts, compared and combined.
// A text in, a tree out; what it is worth is in evaluate.ts. Nothing is called and nothing is set.

export type Expression =
  | { is: 'constant'; value: number | bigint | string | boolean | null }
  | { is: 'name'; name: string }
  | { is: 'field'; of: Expression; name: string }
  | { is: 'element'; of: Expression; at: Expression }
  | { is: 'unary'; operator: string; of: Expression }
  | { is: 'binary'; operator: string; left: Expression; right: Expression }

/** Lowest first; those of one row are of one rank. */
const ranks = [
  ['||'],
  ['&&'],
  ['===', '!==', '==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

const token =
  /\s*(?:(0x[\da-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([A-Za-z_$][\w$]*)|(===|!==|==|!=|<=|>=|&&|\|\||->|[-+*/%<>!.[\]()]))/iy

/** Throws SyntaxError, which says what was not understood. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text)
  const parsed = parser.binary(0)
  parser.end()
  return parsed
}

class Parser {
  readonly #tokens: { kind: 'number' | 'text' | 'name' | 'sign'; text: string }[] = []
  #at = 0

  constructor(text: string) {
    token.lastIndex = 0
    const end = text.trimEnd().length
    while (token.lastIndex < end) {
      const from = token.lastIndex
      const [, number, quoted, name, sign] = token.exec(text) ?? []
      const found = number ?? quoted ?? name ?? sign
      if (found === undefined) throw new SyntaxError(`not understood: ${text.slice(from).trim()}`)
      const kind = number ? 'number' : quoted ? 'text' : name ? 'name' : 'sign'
      this.#tokens.push({ kind, text: found })
    }
    if (end === 0) throw new SyntaxError('there is nothing to evaluate')
  }

  end(): void {
    const rest = this.#tokens[this.#at]
    if (rest) throw new SyntaxError(`not understood: ${rest.text}`)
  }

  binary(rank: number): Expression {
    const operators = ranks[rank]
    if (!operators) return this.#unary()
    let left = this.binary(rank + 1)
    for (let operator = this.#sign(operators); operator; operator = this.#sign(operators))
      left = { is: 'binary', operator, left, right: this.binary(rank + 1) }
    return left
  }

  #sign(signs: readonly string[]): string | undefined {
    const next = this.#tokens[this.#at]
    if (next?.kind !== 'sign' || !signs.includes(next.text)) return undefined
    this.#at++
    return next.text
  }

  #unary(): Expression {
    const operator = this.#sign(['!', '-', '*'])
    return operator ? { is: 'unary', operator, of: this.#unary() } : this.#postfix(this.#primary())
  }

  #postfix(of: Expression): Expression {
    if (this.#sign(['.', '->'])) {
      const next = this.#tokens[this.#at++]
      if (next?.kind !== 'name') throw new SyntaxError('a name is missing after the dot')
      return this.#postfix({ is: 'field', of, name: next.text })
    }
    if (!this.#sign(['['])) return of
    const at = this.binary(0)
    if (!this.#sign([']'])) throw new SyntaxError('] is missing')
    return this.#postfix({ is: 'element', of, at })
  }

  #primary(): Expression {
    if (this.#sign(['('])) {
      const within = this.binary(0)
      if (!this.#sign([')'])) throw new SyntaxError(') is missing')
      return within
    }
    const next = this.#tokens[this.#at++]
    if (next?.kind === 'number') return { is: 'constant', value: numberOf(next.text) }
    if (next?.kind === 'text') return { is: 'constant', value: unquote(next.text) }
    if (next?.kind !== 'name')
      throw new SyntaxError(next ? `not understood: ${next.text}` : 'something is missing')
    if (next.text === 'null' || next.text === 'NULL') return { is: 'constant', value: null }
    if (next.text === 'true' || next.text === 'false') return { is: 'constant', value: next.text === 'true' }
    return { is: 'name', name: next.text }
  }
}

/** Of two whole numbers the quotient is one: `7 / 2` is 3, `7.0 / 2` is 3.5. */
function numberOf(text: string): number | bigint {
  return /^(?:\d+|0[xX][\dA-Fa-f]+)$/.test(text) ? BigInt(text) : Number(text)
}

function unquote(text: string): string {
  const inner = text.slice(1, -1)
  return inner.replace(
    /\\(.)/g,
    (_, character: string) => ({ n: '\n', t: '\t', r: '\r' })[character] ?? character,
  )
}
