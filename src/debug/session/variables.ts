// Scopes and variables as the Debug Adapter Protocol has them, while the module stands still.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { evaluate } from './evaluate.ts'
import type { Frame } from './frame.ts'
import { type Named, type Value, type Values, addressOf, mostElements } from '../values/values.ts'

type Read = (start: number, count: number) => Promise<DebugProtocol.Variable[]>

export interface VariableTexts {
  locals: string
  globals: string
}

export class Variables {
  readonly #reads: Read[] = []
  readonly #texts: VariableTexts

  constructor(texts: VariableTexts) {
    this.#texts = texts
  }

  scopes(frame: Frame): DebugProtocol.Scope[] {
    const locals = this.#refer(async () => {
      const named = await frame.locals()
      return named.length > 0 || frame.function?.variables.length
        ? this.#list(named, frame.values)
        : rawOf(frame)
    })
    const globals = this.#refer(async () => this.#list(await frame.globals(), frame.values))
    return [
      { name: this.#texts.locals, presentationHint: 'locals', variablesReference: locals, expensive: false },
      {
        name: this.#texts.globals,
        presentationHint: 'globals',
        variablesReference: globals,
        expensive: false,
      },
    ]
  }

  async read({
    variablesReference,
    start = 0,
    count,
  }: DebugProtocol.VariablesArguments): Promise<DebugProtocol.Variable[]> {
    const read = this.#reads[variablesReference - 1]
    // An editor can ask for what was there before the last step.
    return read ? read(start, count || mostElements) : []
  }

  /** Throws what the expression is refused with. */
  async evaluate(expression: string, frame: Frame): Promise<DebugProtocol.EvaluateResponse['body']> {
    const worth = await evaluate(expression, frame)
    if ('scalar' in worth) {
      const { scalar } = worth
      const result = typeof scalar === 'string' ? JSON.stringify(scalar) : String(scalar)
      return { result, variablesReference: 0 }
    }
    const {
      value,
      name: _,
      ...rest
    } = await this.#describe({ name: expression, value: worth.value }, frame.values)
    return { result: value, ...rest }
  }

  #refer(read: Read): number {
    return this.#reads.push(read)
  }

  #list(named: readonly Named[], values: Values): Promise<DebugProtocol.Variable[]> {
    return Promise.all(named.map((each) => this.#describe(each, values)))
  }

  async #describe({ name, value }: Named, values: Values): Promise<DebugProtocol.Variable> {
    const count = await values.count(value)
    const parts: Read = async (start, most) => this.#list(await values.parts(value, start, most), values)
    const address = whereOf(value, values)
    return {
      name,
      value: await values.show(value),
      type: await values.nameOfValue(value),
      variablesReference: count > 0 ? this.#refer(parts) : 0,
      ...(count > mostElements && { indexedVariables: count }),
      ...(address !== undefined && { memoryReference: `0x${address.toString(16)}` }),
    }
  }
}

/** What a pointer leads to, rather than where it is kept. */
function whereOf({ type, bytes, address }: Value, values: Values): number | undefined {
  const { kind } = values.typeOf(type)
  const isPointer = kind === 'pointer' || kind === 'reference'
  return isPointer ? addressOf(bytes) || undefined : address
}

async function rawOf(frame: Frame): Promise<DebugProtocol.Variable[]> {
  return (await frame.rawLocals()).map(({ type, text }, index) => {
    return { name: `$${index}`, value: text, type, variablesReference: 0 }
  })
}
