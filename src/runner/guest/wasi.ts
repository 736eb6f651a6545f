// WASI preview 1 (snapshot_preview1 of the WASI specification): clocks, random bytes, output that goes to the log,
// and files where folders are allowed. What is not here answers ENOSYS.

import type { Descriptors } from './descriptors.ts'
import { type Call, errno } from './errno.ts'
import type { Host } from './extism.ts'
import { createFileCalls } from './files.ts'

export const wasiModule = 'wasi_snapshot_preview1'

/** Thrown by proc_exit through the module's frames. */
export class GuestExit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exited with code ${code}`)
    this.code = code
  }
}

/**
 * `memory` is asked at each call: a module has none before it is instantiated. Without `descriptors` there are no
 * files.
 */
export function createWasiImports(
  names: Iterable<string>,
  memory: () => WebAssembly.Memory,
  host: Host,
  descriptors?: Descriptors,
): WebAssembly.ModuleImports {
  const streams = createStreams(memory, host)
  const provided: Record<string, Call> = {
    ...createSystem(memory, host),
    ...(descriptors ? addFiles(streams, createFileCalls({ memory, descriptors }), host.usedFiles) : streams),
    ...createClocks(memory, host),
  }
  return Object.fromEntries(Array.from(names, (name) => [name, checkPointers(provided[name])]))
}

// The first three descriptors are the streams.
function addFiles(
  streams: Record<string, Call>,
  files: Record<string, Call>,
  used: (() => void) | undefined,
): Record<string, Call> {
  const chosen = Object.entries(files).map(([name, file]): [string, Call] => {
    const stream = streams[name]
    const call: Call = used ? (...given) => (used(), file(...given)) : file
    return [name, stream ? (fd = 0, ...rest) => (fd <= 2 ? stream : call)(fd, ...rest) : call]
  })
  return { ...streams, ...Object.fromEntries(chosen) }
}

// A pointer outside memory shows as a RangeError of the view that was to hold it.
function checkPointers(call: Call | undefined): (...numbers: (number | bigint)[]) => number {
  if (!call) return () => errno.nosys
  return (...numbers: (number | bigint)[]) => {
    try {
      return call(...numbers.map((number) => (typeof number === 'bigint' ? Number(number) : number >>> 0)))
    } catch (error) {
      if (error instanceof RangeError && !error.message.includes('call stack')) return errno.fault
      throw error
    }
  }
}

function createSystem(memory: () => WebAssembly.Memory, host: Host): Record<string, Call> {
  const none: Call = (count = 0, size = 0) => {
    const view = new DataView(memory().buffer)
    view.setUint32(count, 0, true)
    view.setUint32(size, 0, true)
    return errno.success
  }
  return {
    args_sizes_get: none,
    args_get: () => errno.success,
    environ_sizes_get: none,
    environ_get: () => errno.success,
    random_get: (pointer = 0, length = 0) => {
      host.random(new Uint8Array(memory().buffer, pointer, length))
      return errno.success
    },
    sched_yield: () => errno.success,
    proc_exit: (code = 0) => {
      throw new GuestExit(code)
    },
  }
}

function createStreams(memory: () => WebAssembly.Memory, { logs }: Host): Record<string, Call> {
  const standard = (call: Call): Call => {
    return (fd = 0, ...rest) => (fd <= 2 ? call(fd, ...rest) : errno.badf)
  }
  return {
    fd_write: standard((fd = 0, vectors = 0, count = 0, written = 0) => {
      if (fd === 0) return errno.badf
      const view = new DataView(memory().buffer)
      let total = 0
      for (let at = vectors; at < vectors + count * 8; at += 8) {
        const bytes = new Uint8Array(memory().buffer, view.getUint32(at, true), view.getUint32(at + 4, true))
        logs.write(fd === 1 ? 'info' : 'error', bytes)
        total += bytes.length
      }
      view.setUint32(written, total, true)
      return errno.success
    }),
    fd_read: standard((_fd, _vectors, _count, read = 0) => {
      new DataView(memory().buffer).setUint32(read, 0, true)
      return errno.success
    }),
    fd_fdstat_get: standard((_fd, pointer = 0) => {
      const characterDevice = 2
      new Uint8Array(memory().buffer, pointer, 24).fill(0)[0] = characterDevice
      return errno.success
    }),
    fd_fdstat_set_flags: standard(() => errno.success),
    fd_close: standard(() => errno.success),
    fd_seek: standard(() => errno.spipe),
    fd_prestat_get: () => errno.badf,
    fd_prestat_dir_name: () => errno.badf,
  }
}

function createClocks(memory: () => WebAssembly.Memory, host: Host): Record<string, Call> {
  const view = () => new DataView(memory().buffer)
  return {
    clock_time_get: (id = 0, _precision, pointer = 0) => {
      view().setBigUint64(pointer, BigInt.asUintN(64, host.clock(id)), true)
      return errno.success
    },
    clock_res_get: (_id, pointer = 0) => {
      view().setBigUint64(pointer, 1n, true)
      return errno.success
    },
    poll_oneoff: (subscriptions = 0, events = 0, count = 0, happened = 0) =>
      poll({ view: view(), subscriptions, events, count, happened }, host),
  }
}

interface Poll {
  view: DataView
  subscriptions: number
  events: number
  count: number
  happened: number
}

// Sleeps until the first clock that is waited for; nothing else can be waited for here.
function poll({ view, subscriptions, events, count, happened }: Poll, host: Host): number {
  let first: { at: number; waitNs: bigint } | undefined
  for (let at = subscriptions; at < subscriptions + count * 48; at += 48) {
    if (view.getUint8(at + 8) !== 0) return errno.notsup
    const waitNs = readWait(view, at, host)
    if (!first || waitNs < first.waitNs) first = { at, waitNs }
  }
  if (!first) return errno.notsup
  host.sleep(Number(first.waitNs) / 1e6)
  view.setBigUint64(events, view.getBigUint64(first.at, true), true)
  for (let at = events + 8; at < events + 32; at += 8) view.setBigUint64(at, 0n, true)
  view.setUint32(happened, 1, true)
  return errno.success
}

// subscription_clock: id at 16, timeout at 24, flags at 40, of which bit 0 says that the time is absolute.
function readWait(view: DataView, at: number, host: Host): bigint {
  const timeout = view.getBigUint64(at + 24, true)
  const isAbsolute = (view.getUint16(at + 40, true) & 1) !== 0
  return isAbsolute ? timeout - host.clock(view.getUint32(at + 16, true)) : timeout
}
