// What one call asks of its host, in order and in short: kept only while a call is traced. Bounded.

import type { HostCall, HostTrace } from '../../../host-trace.ts'
import { WasmateError, describe } from '../../../base/errors.ts'

const maxCalls = 200
/** Of all entries together, as they are written down. */
const maxBytes = 16 * 1024
const maxWords = 120

type Kind = HostCall['kind']

/** How a call is told: what it was given, before it runs, then what it gave. */
export interface Teller<Value extends number | bigint | undefined> {
  kind: Kind
  asked?: (given: readonly (number | bigint)[]) => string | undefined
  answered?: (answer: Value, given: readonly (number | bigint)[]) => string | undefined
}

type HostFunction<Value> = (...given: (number | bigint)[]) => Value

export class HostCalls {
  #calls: HostCall[] = []
  #bytes = 0
  #dropped = 0
  #since = 0
  #isTraced = false

  /** From now until `take`. */
  begin(): void {
    this.#isTraced = true
    this.#since = performance.now()
  }

  /** What was asked since `begin`; undefined when that was not called. */
  take(): HostTrace | undefined {
    if (!this.#isTraced) return undefined
    const trace = { calls: this.#calls, dropped: this.#dropped }
    this.#isTraced = false
    this.#calls = []
    this.#bytes = 0
    this.#dropped = 0
    return trace
  }

  /** The same without an end: what was asked up to now. */
  soFar(): HostTrace {
    return { calls: [...this.#calls], dropped: this.#dropped }
  }

  /** The same function; of a call that is not traced it costs one look at a flag. */
  watch<Value extends number | bigint | undefined>(
    name: string,
    call: HostFunction<Value>,
    teller: Teller<Value>,
  ): HostFunction<Value> {
    return (...given) => (this.#isTraced ? this.#note(name, call, teller, given) : call(...given))
  }

  #note<Value extends number | bigint | undefined>(
    name: string,
    call: HostFunction<Value>,
    { kind, asked, answered }: Teller<Value>,
    given: (number | bigint)[],
  ): Value {
    if (this.#dropped > 0) {
      this.#dropped++
      return call(...given)
    }
    const words = shorten('asked', () => asked?.(given))
    const begun = performance.now()
    const entry = (): HostCall => {
      const [atMs, tookMs] = [round(begun - this.#since), round(performance.now() - begun)]
      return { kind, name, atMs, tookMs, ...words }
    }
    try {
      const answer = call(...given)
      const ended = entry()
      this.#add({ ...ended, ...shorten('answered', () => answered?.(answer, given)) })
      return answer
    } catch (error) {
      this.#add({ ...entry(), ...shorten('answered', () => explain(error)), failed: true })
      throw error
    }
  }

  #add(call: HostCall): void {
    const bytes = Buffer.byteLength(JSON.stringify(call))
    if (this.#calls.length >= maxCalls || this.#bytes + bytes > maxBytes) return void this.#dropped++
    this.#calls.push(call)
    this.#bytes += bytes
  }
}

/** Nothing when there are none. A call goes on also when it can't be told: it fails by itself, or does not. */
function shorten<Side extends 'asked' | 'answered'>(
  side: Side,
  words: () => string | undefined,
): Partial<Record<Side, string>> {
  try {
    const said = words()
    if (said === undefined) return {}
    const short = said.length > maxWords ? `${said.slice(0, maxWords - 1)}…` : said
    return { [side]: short } as Record<Side, string>
  } catch {
    return {}
  }
}

function explain(error: unknown): string {
  return error instanceof WasmateError ? (error.detail ?? error.message) : describe(error)
}

/** Microseconds are all that a clock tells. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
