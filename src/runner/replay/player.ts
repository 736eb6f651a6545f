// A host that answers from a receipt: with what the recorded call was told, or not at all.

import { WasmateError } from '../../base/errors.ts'
import type { Divergence, HostEvent, RecordedFailure, Script } from '../../recording.ts'
import type { Host } from '../guest/extism.ts'
import type { HostFunction, HostFunctions } from '../guest/host-functions.ts'
import type { HttpAnswer, HttpRequest } from '../messages.ts'
import { describeEvent, isSameAsked, parseNumber, recordArguments, recordRequest } from './summary.ts'

type EventOf<Call extends HostEvent['call']> = Extract<HostEvent, { call: Call }>

export class Player {
  readonly #script: Script
  /** Places of the events that were not asked for yet. */
  readonly #left: number[]
  diverged: Divergence | undefined

  constructor(script: Script) {
    this.#script = script
    this.#left = script.events.map((_event, index) => index)
  }

  /** `host` gives what is no answer: limits, config, logs. `functions` are those that the module imports. */
  host(host: Host, vars: Host['vars'], functions: readonly (readonly [string, string])[]): Host {
    return {
      ...host,
      config: this.#config(host.config),
      vars: {
        bytes: vars.bytes,
        get: (key) => {
          this.#take({ call: 'var-get', key })
          return vars.get(key)
        },
        set: (key, value) => {
          this.#take({ call: 'var-set', key, value })
          vars.set(key, value)
        },
      },
      request: (asked) => this.#request(asked),
      clock: (id) => this.#clock(id),
      random: (bytes) => void bytes.set(this.#take({ call: 'random', bytes })?.bytes ?? []),
      // Nobody waits for a time that has passed.
      sleep: () => undefined,
      functions: this.#functions(functions),
      folders: [],
    }
  }

  /** To be called when the function has ended: what it did not ask for was asked for before. */
  end(): void {
    if (this.diverged) return
    const index = this.#left.find((each) => this.#script.matching === 'strict' || this.#hasEffect(each))
    if (index === undefined) return
    this.diverged = { index, expected: describeEvent(this.#script.events[index] as HostEvent) }
  }

  /** Others than the function see whether it was made. */
  #hasEffect(index: number): boolean {
    const { call } = this.#script.events[index] as HostEvent
    return call === 'var-set' || call === 'http' || call === 'function'
  }

  #take<Call extends HostEvent['call']>(asked: EventOf<Call>): EventOf<Call> | undefined {
    const place = this.#script.matching === 'strict' ? 0 : this.#find(asked)
    const index = this.#left[place]
    const event = index === undefined ? undefined : this.#script.events[index]
    if (event && isSameAsked(event, asked)) {
      this.#left.splice(place, 1)
      return event as EventOf<Call>
    }
    const diverged = this.#explain(asked)
    if (this.#script.matching === 'loose' && this.#goesOn(asked, diverged)) return undefined
    this.diverged ??= diverged
    throw new WasmateError('REPLAY_DIVERGED', describeDivergence(diverged))
  }

  /** The call that was next; when the order does not count, the next of its kind. */
  #explain(asked: HostEvent): Divergence {
    const { events, matching } = this.#script
    const index = this.#left.find((each) => matching === 'strict' || events[each]?.call === asked.call)
    const expected = index === undefined ? undefined : events[index]
    return {
      index: index ?? events.length,
      ...(expected && { expected: describeEvent(expected) }),
      got: describeEvent(asked),
    }
  }

  /** What another version does with config and vars needs no answer from outside; what it sets is seen outside. */
  #goesOn({ call }: HostEvent, diverged: Divergence): boolean {
    if (call === 'var-set') this.diverged ??= diverged
    return call === 'var-set' || call === 'var-get' || call === 'config'
  }

  /** The first that is the same; -1 is no place. */
  #find(asked: HostEvent): number {
    return this.#left.findIndex((index) => isSameAsked(this.#script.events[index] as HostEvent, asked))
  }

  /** Another version may look at the clock once more: it stands still then. */
  #clock(id: number): bigint {
    const { events, matching } = this.#script
    const asked = { call: 'clock', id, ns: '0' } as const
    const stands =
      matching === 'loose' && this.#find(asked) === -1
        ? events.findLast((event) => isSameAsked(event, asked))
        : undefined
    const taken = stands ?? this.#take(asked)
    return BigInt(taken?.call === 'clock' ? taken.ns : 0)
  }

  #config(config: Record<string, string>): Record<string, string> {
    return new Proxy(config, {
      getOwnPropertyDescriptor: (target, key) => {
        this.#take({ call: 'config', key: String(key) })
        return Reflect.getOwnPropertyDescriptor(target, key)
      },
    })
  }

  #request(asked: HttpRequest): HttpAnswer {
    const taken = this.#take({ call: 'http', request: recordRequest(asked, []) })
    if (taken?.answer) return taken.answer
    throw toError(taken?.failed)
  }

  #functions(named: readonly (readonly [string, string])[]): HostFunctions {
    // Names are the module's: none of them is to be what every object has.
    const functions = Object.create(null) as HostFunctions
    for (const [module, name] of named) (functions[module] ??= {})[name] = this.#function(module, name)
    return functions
  }

  #function(module: string, name: string): HostFunction {
    return (context, ...numbers) => {
      const asked = recordArguments(context, numbers)
      const taken = this.#take({ call: 'function', module, name, asked, stored: [] })
      for (const bytes of taken?.stored ?? []) context.store(bytes)
      if (taken?.failed) throw toError(taken.failed)
      return taken?.answer === undefined ? undefined : parseNumber(taken.answer)
    }
  }
}

function toError(failed: RecordedFailure | undefined): Error {
  const { code, detail } = failed ?? { detail: 'no answer was recorded' }
  return code ? new WasmateError(code, detail || undefined) : new Error(detail)
}

export function describeDivergence({ index, expected, got }: Divergence): string {
  const what = `host call ${index + 1}: expected ${expected ?? 'none any more'}`
  return `${what}, got ${got ?? 'the end of the call'}`
}
