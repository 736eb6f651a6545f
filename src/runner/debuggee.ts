// The thread that runs one call for a debugger: compiled when it is told to, then called, held to no time.

import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { toWasmateError } from '../base/errors.ts'
import {
  type DebuggedCall,
  type DebuggeeData,
  type DebuggeeMessage,
  type HostState,
  type ToDebuggee,
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

const { http, wake, bytes, hostFunctions, allowedPaths = {} } = workerData as DebuggeeData
const kernel = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)))
const functions = hostFunctions === undefined ? {} : await loadHostFunctions(hostFunctions)
const folders = openFolders(allowedPaths)

let module: WebAssembly.Module | undefined

parentPort?.on('message', (message: ToDebuggee) => {
  if (message.kind === 'run') return module && run(module, message.call)
  // Not capped: that would move its code, and the debugger knows it by its place.
  module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  post({ kind: 'compiled' })
})
post({ kind: 'ready' })

function post(message: DebuggeeMessage): void {
  parentPort?.postMessage(message)
}

/** With vars that are its own. */
type OwnHost = Host & { vars: Vars }

/** Where everything comes from that a call is told: the present, as for a call in the emulator. */
function hostOf({ config, allowedHosts, maxMemoryBytes, script, ...given }: DebuggedCall): OwnHost {
  const vars = script ? varsOf(script) : new Vars()
  if (!script) vars.replace(given.vars)
  const present = tellPresent({ http, wake, ask: (request) => post({ kind: 'http', request }) })
  const kept = { vars, logs: new Logs(), calls: new HostCalls() }
  return { ...{ config, allowedHosts, maxMemoryBytes, functions, folders }, ...kept, ...present }
}

function run(module: WebAssembly.Module, call: DebuggedCall): void {
  const present = hostOf(call)
  const { calls, logs, vars } = present
  // Of a recorded call its receipt is where everything comes from.
  const player = call.script && new Player(call.script)
  const host = player?.host(present, vars, ownImports(module)) ?? present
  let plugin: Plugin | undefined
  const inspect = (): string => JSON.stringify(stateOf(present, plugin?.said))
  Object.defineProperty(globalThis, inspectorName, { value: inspect })
  calls.begin()
  const begun = performance.now()
  const result = answer(() => {
    plugin = new Plugin(module, kernel, host, call.export)
    const output = plugin.call(call.export, call.input)
    const changes = vars.commit()
    return { ok: true, output, ...(changes && { changes }) }
  })
  plugin?.close()
  const durationMs = performance.now() - begun
  player?.end()
  const replayed = player && { ...(player.diverged && { diverged: player.diverged }) }
  post({ kind: 'done', reply: { result, logs: logs.take(), durationMs, host: calls.take(), replayed } })
}

function answer(call: () => CallReply['result']): CallReply['result'] {
  try {
    return call()
  } catch (error) {
    const { code, detail = '' } = toWasmateError(error)
    return { ok: false, code, detail }
  }
}

function stateOf({ config, allowedHosts, vars, calls, logs }: OwnHost, said: string | undefined): HostState {
  const listed = vars.list().map(([key, value]) => ({ key, base64: Buffer.from(value).toString('base64') }))
  return { vars: listed, config, allowedHosts, calls: calls.soFar(), logs: logs.soFar(), said }
}
