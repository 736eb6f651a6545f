// extism:host/env, the part that is the host's: config, vars, log and HTTP. The kernel has the rest.

import { WasmateError } from '../../base/errors.ts'
import type { LogLine } from '../../host-trace.ts'
import type { HttpAnswer, HttpRequest } from '../messages.ts'
import type { Folder } from './folders.ts'
import type { HostCalls } from './calls/host-calls.ts'
import type { HostFunctions } from './host-functions.ts'
import { type Kernel, kernelImports } from './kernel.ts'
import type { Logs } from './logs.ts'
import type { Vars } from './vars.ts'

/** What one instance is given; config and hosts are those of the call that runs. */
export interface Host {
  config: Record<string, string>
  allowedHosts: string[]
  maxMemoryBytes: number
  readonly vars: Pick<Vars, 'get' | 'set' | 'bytes'>
  readonly logs: Logs
  readonly calls: HostCalls
  /** Does the request and stands still until the answer is there; throws CALL_FAILED. */
  readonly request: (request: HttpRequest) => HttpAnswer
  /** Nanoseconds of a WASI clock: 0 since 1970, others since some start. */
  readonly clock: (id: number) => bigint
  readonly random: (bytes: Uint8Array) => void
  readonly sleep: (durationMs: number) => void
  /** Functions of the embedder. */
  readonly functions: HostFunctions
  /** What WASI's files are in; none of them, no files. */
  readonly folders: readonly Folder[]
  /** Told of each call about a file or folder. */
  readonly usedFiles?: () => void
}

export const extismModule = 'extism:host/env'

/** More of one message is not even decoded: all lines of a call together may have less. */
const maxLogBytes = 1024 * 1024

const levels: LogLine['level'][] = ['trace', 'debug', 'info', 'warn', 'error']

export const extismImports: ReadonlySet<string> = new Set([
  ...kernelImports,
  ...['config_get', 'var_get', 'var_set', 'http_request', 'http_status_code', 'http_headers'],
  ...levels.map((level) => `log_${level}`),
  'get_log_level',
])

export function createExtismImports(kernel: Kernel, host: Host): WebAssembly.ModuleImports {
  const fromKernel = Object.fromEntries(kernelImports.map((name) => [name, kernel.exports[name]]))
  return {
    ...(fromKernel as WebAssembly.ModuleImports),
    ...createState(kernel, host),
    ...createLog(kernel, host),
    ...createHttp(kernel, host),
  }
}

function createState(kernel: Kernel, host: Host): WebAssembly.ModuleImports {
  return {
    config_get: (key: bigint) => {
      const name = kernel.readText(key)
      const value = Object.hasOwn(host.config, name) ? host.config[name] : undefined
      return value === undefined ? 0n : kernel.writeText(value)
    },
    var_get: (key: bigint) => {
      const value = host.vars.get(kernel.readText(key))
      return value ? kernel.write(value) : 0n
    },
    var_set: (key: bigint, value: bigint) => {
      const bytes = kernel.read(value)
      if (value !== 0n && !bytes) throw new WasmateError('CALL_TRAPPED', 'var_set names no block')
      host.vars.set(kernel.readText(key), bytes)
    },
  }
}

// Every level is kept, so the one asked for is the lowest.
function createLog(kernel: Kernel, { logs }: Host): WebAssembly.ModuleImports {
  const byLevel = levels.map((level): [string, (message: bigint) => void] => [
    `log_${level}`,
    (message) => logs.add(level, kernel.readText(message, maxLogBytes)),
  ])
  return { ...Object.fromEntries(byLevel), get_log_level: () => 0 }
}

function createHttp(kernel: Kernel, host: Host): WebAssembly.ModuleImports {
  let last: HttpAnswer | undefined
  return {
    http_request: (request: bigint, body: bigint) => {
      const bytes = body === 0n ? undefined : kernel.read(body)
      const { allowedHosts, maxMemoryBytes } = host
      const parsed = parseRequest(kernel.readText(request))
      last = host.request({
        ...parsed,
        ...(bytes && { body: bytes }),
        allowedHosts,
        maxBytes: maxMemoryBytes,
      })
      return kernel.write(last.body)
    },
    http_status_code: () => last?.status ?? 0,
    http_headers: () => (last ? kernel.writeText(JSON.stringify(last.headers)) : 0n),
  }
}

/** What a module writes; nothing of it is sure. */
interface RequestText {
  url?: string
  method?: string
  headers?: object
  header?: object
}

// Extism writes `headers`; older PDKs wrote `header`.
function parseRequest(json: string): Pick<HttpRequest, 'url' | 'method' | 'headers'> {
  try {
    const { url, method, headers, header } = JSON.parse(json) as RequestText
    const given: Record<string, unknown> = { ...header, ...headers }
    return {
      url: String(url),
      method: String(method ?? 'GET').toUpperCase(),
      headers: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
    }
  } catch (cause) {
    throw new WasmateError('CALL_FAILED', `http_request: ${JSON.stringify(json)} is no request`, { cause })
  }
}
