// How each host function is told in a trace: its kind, and what of its blocks and memory is shown. A value of the
// config is never shown: that is where secrets are.

import { errno } from '../errno.ts'
import { extismModule } from '../extism.ts'
import type { HostCalls, Teller } from './host-calls.ts'
import type { Kernel } from '../kernel.ts'
import { wasiModule } from '../wasi.ts'

type Numbers = readonly (number | bigint)[]
type Tellers = Record<string, Teller<number | bigint | undefined>>
type Provided = WebAssembly.Imports

export interface Traced {
  calls: HostCalls
  kernel: Kernel
  /** Asked when a call is told. */
  memory: () => WebAssembly.Memory
}

/** More of a block is not read for a summary. */
const maxRead = 256

const hidden = '•••'

/** The imports with those watched that the module names and that are the host's own; the kernel's stay as they are. */
export function watchImports(
  provided: Provided,
  named: readonly WebAssembly.ModuleImportDescriptor[],
  traced: Traced,
): Provided {
  const extism = tellExtism(traced.kernel, provided[extismModule] ?? {})
  const user: Teller<number | bigint | undefined> = tellUser(traced.kernel)
  // Names are the module's: none of them is to be what every object has.
  const watched = Object.create(null) as Provided
  for (const { module, name } of named) {
    const call = provided[module]?.[name]
    if (typeof call !== 'function') continue
    const teller =
      module === extismModule ? extism[name] : module === wasiModule ? tellWasi(name, traced) : user
    if (!teller) continue
    const group = (watched[module] ??= { ...provided[module] })
    group[name] = traced.calls.watch(name, call as (...given: Numbers) => number | bigint | undefined, teller)
  }
  return { ...provided, ...watched }
}

function tellExtism(kernel: Kernel, imports: WebAssembly.ModuleImports): Tellers {
  const show = (handle: number | bigint | undefined): string | undefined => showBlock(kernel, handle)
  const first = ([handle]: Numbers): string | undefined => show(handle)
  const status = imports['http_status_code'] as (() => number) | undefined
  const log: Tellers[string] = { kind: 'log', asked: first }
  return {
    ...Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map((level) => [`log_${level}`, log])),
    config_get: { kind: 'config', asked: first, answered: (value) => (value === 0n ? undefined : hidden) },
    var_get: { kind: 'var', asked: first, answered: show },
    var_set: { kind: 'var', asked: ([key, value]) => `${show(key)} = ${show(value) ?? ''}` },
    http_request: {
      kind: 'http',
      asked: ([request]) => showRequest(readAll(kernel, request)),
      answered: (body) => `${status?.() ?? ''} · ${sizeOf(kernel, body)} B`,
    },
  }
}

/** Its arguments are numbers, or name blocks. */
function tellUser(kernel: Kernel): Teller<number | bigint | undefined> {
  const show = (value: number | bigint | undefined): string | undefined => {
    return (typeof value === 'bigint' ? showBlock(kernel, value) : undefined) ?? value?.toString()
  }
  return { kind: 'function', asked: (given) => given.map(show).join(', '), answered: show }
}

/** Where the pointer to a path is among the arguments (WASI preview 1); its length comes next. */
const pathAt: Record<string, number> = {
  ...{ path_open: 2, path_filestat_get: 2, path_filestat_set_times: 2, path_link: 2, path_symlink: 0 },
  ...{ path_create_directory: 1, path_remove_directory: 1, path_unlink_file: 1 },
  ...{ path_readlink: 1, path_rename: 1 },
}

const errorNames = new Map<number, string>(Object.entries(errno).map(([name, number]) => [number, name]))

function tellWasi(name: string, { memory }: Traced): Teller<number | bigint | undefined> | undefined {
  const answered = (number: number | bigint | undefined): string | undefined =>
    number === 0 ? undefined : (errorNames.get(Number(number)) ?? String(number))
  const at = pathAt[name]
  if (at !== undefined) {
    const asked = (given: Numbers): string => showText(view(memory(), given[at], given[at + 1]))
    return { kind: 'file', asked, answered }
  }
  if (name.startsWith('clock_') || name === 'poll_oneoff') return { kind: 'clock', answered }
  if (name === 'random_get') return { kind: 'random', asked: ([, size]) => `${Number(size)} B`, answered }
  if (name.startsWith('fd_')) return { kind: 'file', asked: ([fd]) => `fd ${Number(fd)}`, answered }
  // Leaving is how a call ends, and no error.
  return name === 'proc_exit' ? undefined : { kind: 'system', answered }
}

function view(
  memory: WebAssembly.Memory,
  pointer: number | bigint = 0,
  length: number | bigint = 0,
): Uint8Array {
  return new Uint8Array(memory.buffer, Number(pointer) >>> 0, Math.min(Number(length) >>> 0, maxRead))
}

function showBlock(kernel: Kernel, handle: number | bigint | undefined): string | undefined {
  if (typeof handle !== 'bigint' || handle === 0n) return undefined
  const bytes = kernel.read(handle, maxRead)
  if (!bytes) return undefined
  return isText(bytes) ? showText(bytes) : `${sizeOf(kernel, handle)} B`
}

function sizeOf(kernel: Kernel, handle: number | bigint | undefined): number {
  return typeof handle === 'bigint' && handle !== 0n ? Number(kernel.exports.length(handle)) : 0
}

/** A request is read whole: half of it is no JSON. */
function readAll(kernel: Kernel, handle: number | bigint | undefined): string {
  return typeof handle === 'bigint' ? kernel.readText(handle, 64 * 1024) : ''
}

/** Method, host and path; who asks, and for what in the query, can be a secret. */
function showRequest(json: string): string | undefined {
  const { url, method } = JSON.parse(json) as { url?: unknown; method?: unknown }
  const { origin, pathname, search } = new URL(String(url))
  return `${typeof method === 'string' ? method.toUpperCase() : 'GET'} ${origin}${pathname}${search && `?${hidden}`}`
}

function isText(bytes: Uint8Array): boolean {
  return !showText(bytes).slice(0, -1).includes('�') && !bytes.includes(0)
}

function showText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
