// The thread that runs one call for a debugger: compiled at once, called when it is told to, held to no time.

import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { toWasmateError } from '../base/errors.ts'
import {
  type DebuggeeData,
  type DebuggeeMessage,
  type HostState,
  inspectorName,
} from './debuggee-messages.ts'
import { HostCalls } from './guest/calls/host-calls.ts'
import { tellPresent } from './guest/calls/present.ts'
import type { Host } from './guest/extism.ts'
import { openFolders } from './guest/folders.ts'
import { loadHostFunctions } from './guest/host-functions.ts'
import { Logs } from './guest/logs.ts'
import { Plugin } from './guest/plugin.ts'
import { Vars } from './guest/vars.ts'
import type { CallReply } from './messages.ts'
import { Player } from './replay/player.ts'
import { ownImports, varsOf } from './replay/replay-call.ts'

const { http, wake, call, hostFunctions, allowedPaths = {} } = workerData as DebuggeeData
const kernel = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)))

const vars = call.script ? varsOf(call.script) : new Vars()
if (!call.script) vars.replace(call.vars)

/** Where everything comes from that a call is told: the present, as for a call in the emulator. */
const present: Host = {
  config: call.config,
  allowedHosts: call.allowedHosts,
  maxMemoryBytes: call.maxMemoryBytes,
  vars,
  logs: new Logs(),
  calls: new HostCalls(),
  ...tellPresent({ http, wake, ask: (request) => post({ kind: 'http', request }) }),
  functions: hostFunctions === undefined ? {} : await loadHostFunctions(hostFunctions),
  folders: openFolders(allowedPaths),
}

/** Of a recorded call: its receipt is where everything comes from. */
const player = call.script && new Player(call.script)

Object.defineProperty(globalThis, inspectorName, { value: inspect })

let plugin: Plugin | undefined

// Twice it is told to go on: to compile, when the debugger listens, and to call.
parentPort?.once('message', () => {
  // Not capped: that would move its code, and the debugger knows it by its place.
  const module = new WebAssembly.Module(call.bytes as Uint8Array<ArrayBuffer>)
  parentPort?.once('message', () => run(module))
  post({ kind: 'compiled' })
})
post({ kind: 'ready' })

function post(message: DebuggeeMessage): void {
  parentPort?.postMessage(message)
}

function inspect(): string {
  const state: HostState = {
    vars: vars.list().map(([key, value]) => ({ key, base64: Buffer.from(value).toString('base64') })),
    config: call.config,
    allowedHosts: call.allowedHosts,
    calls: present.calls.soFar(),
    logs: present.logs.soFar(),
    said: plugin?.said,
  }
  return JSON.stringify(state)
}

function run(module: WebAssembly.Module): void {
  present.calls.begin()
  const begun = performance.now()
  const result = answer(module, player?.host(present, vars, ownImports(module)) ?? present)
  const durationMs = performance.now() - begun
  player?.end()
  const replayed = player && { ...(player.diverged && { diverged: player.diverged }) }
  post({
    kind: 'done',
    reply: { result, logs: present.logs.take(), durationMs, host: present.calls.take(), replayed },
  })
}

function answer(module: WebAssembly.Module, host: Host): CallReply['result'] {
  try {
    plugin = new Plugin(module, kernel, host, call.export)
    const output = plugin.call(call.export, call.input)
    const changes = vars.commit()
    return { ok: true, output, ...(changes && { changes }) }
  } catch (error) {
    const { code, detail = '' } = toWasmateError(error)
    return { ok: false, code, detail }
  } finally {
    plugin?.close()
  }
}
