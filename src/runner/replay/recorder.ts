// A host that writes down what it answers. It is made for one call, with an instance of its own: what a function
// keeps in its memory from earlier calls is in no receipt.

import { WasmateError, describe } from '../../base/errors.ts'
import { redactValue, redactValues, secretValues, withoutSecrets } from '../../base/secrets.ts'
import type { RecordedFailure } from '../../recording.ts'
import type { Host } from '../guest/extism.ts'
import { type HostFunction, type HostFunctions, refusePromise } from '../guest/host-functions.ts'
import type { HttpAnswer, HttpRequest } from '../messages.ts'
import { formatNumber, recordArguments, recordRequest } from './summary.ts'
import type { Tape } from './tape.ts'

/** Answers as `host` does. */
export function recordHost(host: Host, tape: Tape): Host {
  tape.clear()
  tape.write({ bytes: host.vars.bytes })
  return {
    ...host,
    config: watchConfig(host.config, tape),
    vars: recordVars(host.vars, tape),
    request: recordRequests(host, tape),
    clock: (id) => {
      const ns = host.clock(id)
      tape.write({ call: 'clock', id, ns: `${ns}` })
      return ns
    },
    random: (bytes) => {
      host.random(bytes)
      tape.write({ call: 'random', bytes })
    },
    functions: recordFunctions(host.functions, tape),
    usedFiles: () => tape.write({ unfaithful: 'it used files, and what was in them is not recorded' }),
  }
}

function watchConfig(config: Record<string, string>, tape: Tape): Record<string, string> {
  return new Proxy(config, {
    getOwnPropertyDescriptor: (target, key) => {
      tape.write({ call: 'config', key: String(key) })
      const value = Object.hasOwn(target, key) ? target[String(key)] : undefined
      const isSecret = value !== undefined && redactValue(String(key), value) !== value
      if (isSecret) tape.write({ unfaithful: `it read ${String(key)} of its config, which is redacted` })
      return Reflect.getOwnPropertyDescriptor(target, key)
    },
  })
}

function recordVars(vars: Host['vars'], tape: Tape): Host['vars'] {
  const known = new Set<string>()
  return {
    bytes: vars.bytes,
    get: (key) => {
      const value = vars.get(key)
      if (!known.has(key)) tape.write({ var: key, value })
      known.add(key)
      tape.write({ call: 'var-get', key })
      return value
    },
    set: (key, value) => {
      // What it replaces counts for how much all of them take.
      if (!known.has(key)) tape.write({ var: key, value: vars.get(key) })
      known.add(key)
      tape.write({ call: 'var-set', key, value })
      vars.set(key, value)
    },
  }
}

function recordRequests(host: Host, tape: Tape): Host['request'] {
  const secrets = secretValues(host.config)
  return (asked: HttpRequest) => {
    const request = recordRequest(asked, secrets)
    try {
      const answer = host.request(asked)
      const headers = redactValues(answer.headers)
      const { status, body } = answer
      tape.write({ call: 'http', request, answer: { status, headers, body } })
      return watchHeaders(answer, headers, tape)
    } catch (error) {
      const { code, detail } = toFailure(error)
      tape.write({ call: 'http', request, failed: { code, detail: withoutSecrets(detail, secrets) } })
      throw error
    }
  }
}

/** Headers are looked at when the function asks for them, which few do. */
function watchHeaders(answer: HttpAnswer, kept: Record<string, string>, tape: Tape): HttpAnswer {
  const { headers } = answer
  const hidden = Object.keys(headers).filter((name) => headers[name] !== kept[name])
  return Object.defineProperty({ ...answer }, 'headers', {
    get: () => {
      for (const name of hidden) tape.write({ unfaithful: `it read the header ${name}, which is redacted` })
      return headers
    },
  })
}

function recordFunctions(functions: HostFunctions, tape: Tape): HostFunctions {
  const groups = Object.entries(functions).map(([module, group]) => {
    const members = Object.entries(group).map(([name, call]): [string, HostFunction] => [
      name,
      recordFunction(module, name, call, tape),
    ])
    return [module, Object.fromEntries(members)] as const
  })
  return Object.fromEntries(groups)
}

function recordFunction(module: string, name: string, call: HostFunction, tape: Tape): HostFunction {
  return (context, ...numbers) => {
    const stored: Uint8Array[] = []
    const watched = {
      ...context,
      store: (content: string | Uint8Array) => {
        stored.push(typeof content === 'string' ? new TextEncoder().encode(content) : content)
        return context.store(content)
      },
    }
    const told = { call: 'function', module, name, asked: recordArguments(context, numbers), stored } as const
    try {
      const answer = refusePromise(name, call(watched, ...numbers))
      tape.write({ ...told, ...(answer !== undefined && { answer: formatNumber(answer) }) })
      return answer
    } catch (error) {
      tape.write({ ...told, failed: toFailure(error) })
      throw error
    }
  }
}

function toFailure(error: unknown): RecordedFailure {
  if (!(error instanceof WasmateError)) return { detail: describe(error) }
  return { code: error.code, detail: error.detail ?? '' }
}
