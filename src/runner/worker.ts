// A worker thread: keeps instances, runs one call after the other, and may be ended at any point.

import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { WasmateError } from '../base/errors.ts'
import type { Host } from './guest/extism.ts'
import { openFolders } from './guest/folders.ts'
import { loadHostFunctions } from './guest/host-functions.ts'
import { HostCalls } from './guest/calls/host-calls.ts'
import { tellPresent } from './guest/calls/present.ts'
import { Logs } from './guest/logs.ts'
import { Plugin } from './guest/plugin.ts'
import { keptFrames, toFailure } from './guest/calls/frames.ts'
import { recordHost } from './replay/recorder.ts'
import { replayCall } from './replay/replay-call.ts'
import { Tape } from './replay/tape.ts'
import { Vars } from './guest/vars.ts'
import { Ledger } from './ledger.ts'
import type { BatchMessage, CallReply, TapeCopy } from './messages.ts'
import type { ThreadData, ThreadMessage } from './messages.ts'

interface Instance {
  module: WebAssembly.Module
  host: Host
  vars: Vars
  /** Absent until the first call, which pays for start-up, and after a call that was cut off. */
  plugin?: Plugin | undefined
}

const { http, wake, ledger: shared, hostFunctions, allowedPaths = {} } = workerData as ThreadData
const ledger = new Ledger(shared)
const tape = new Tape((workerData as ThreadData).tape)
const kernel = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)))
const functions = hostFunctions === undefined ? {} : await loadHostFunctions(hostFunctions)
const folders = openFolders(allowedPaths)
const present = tellPresent({ http, wake, ask: (request) => post({ kind: 'http', request }) })
const instances = new Map<string, Instance>()
Error.stackTraceLimit = keptFrames

/** How long an answer that is ready may wait for the rest of its batch. */
const tellAfterMs = 1

function post(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function createInstance({ module, maxMemoryBytes }: Required<BatchMessage>['create']): Instance {
  const vars = new Vars()
  const host: Host = {
    config: {},
    allowedHosts: [],
    maxMemoryBytes,
    vars,
    logs: new Logs(),
    calls: new HostCalls(),
    ...present,
    functions,
    folders,
  }
  return { module, host, vars }
}

function prepare(batch: BatchMessage): Instance {
  for (const name of batch.drop) {
    instances.get(name)?.plugin?.close()
    instances.delete(name)
  }
  const created = batch.create && createInstance(batch.create)
  // A replay is not called again.
  if (created && !batch.script) instances.set(batch.instance, created)
  const instance = created ?? instances.get(batch.instance)
  if (!instance) throw new WasmateError('INTERNAL', `the worker has no instance ${batch.instance}`)
  instance.host.config = batch.config
  instance.host.allowedHosts = batch.allowedHosts
  if (batch.vars) instance.vars.replace(batch.vars)
  return instance
}

function run(instance: Instance, name: string, input: Uint8Array, fresh: boolean): CallReply['result'] {
  const { host, module } = instance
  try {
    return settle(instance.vars, () => {
      instance.plugin ??= new Plugin(module, kernel, host, name)
      return instance.plugin.call(name, input)
    })
  } finally {
    if (fresh || !instance.plugin?.isUsable) {
      instance.plugin?.close()
      instance.plugin = undefined
    }
  }
}

/** What it takes to make the instance is the recording's, and not the call's. */
function record({ module, host, vars }: Instance, name: string, input: Uint8Array): Recorded {
  const begun = performance.now()
  const recorded = recordHost(host, tape)
  let plugin: Plugin | undefined
  let startMs = 0
  const result = settle(vars, () => {
    plugin = new Plugin(module, kernel, recorded, name)
    startMs = performance.now() - begun
    return plugin.call(name, input)
  })
  plugin?.close()
  return { result, tape: { bytes: tape.read(), isFull: tape.isFull, startMs } }
}

interface Recorded {
  result: CallReply['result']
  tape: TapeCopy
}

/** What a call changed of the vars counts when it succeeds. */
function settle(vars: Vars, call: () => Uint8Array): CallReply['result'] {
  try {
    const output = call()
    const changes = vars.commit()
    return { ok: true, output, ...(changes && { changes }) }
  } catch (error) {
    vars.rollback()
    return toFailure(error)
  }
}

/** Into the ledger when it fits, which survives this thread; else as a message, which does too once it is sent. */
function answer(index: number, reply: CallReply): void {
  const { result, logs, durationMs, host } = reply
  const fits =
    reply.tape || reply.replayed
      ? false
      : result.ok
        ? !result.changes && ledger.write({ kind: 'answer', durationMs, output: result.output, logs, host })
        : ledger.write({ ...result, kind: 'failure', durationMs, logs, host })
  if (fits) return
  post({ kind: 'reply', index, reply }, result.ok ? [result.output.buffer as ArrayBuffer] : [])
  ledger.write({ kind: 'posted' })
}

interface Called {
  index: number
  name: string
  input: Uint8Array
}

function call(batch: BatchMessage, instance: Instance, { index, name, input }: Called): CallReply {
  const { logs, calls } = instance.host
  const begun = performance.now()
  const tell = (came: Pick<CallReply, 'result' | 'tape' | 'replayed'>): CallReply => {
    const durationMs = performance.now() - begun - (came.tape?.startMs ?? 0)
    return { logs: logs.take(), durationMs, host: calls.take(), ...came }
  }
  const { script } = batch
  if (script) {
    const { module, host } = instance
    return tell(replayCall({ module, kernel, host, export: name, input, script }))
  }
  if (batch.traced?.includes(index)) calls.begin()
  if (batch.recorded?.includes(index)) return tell(record(instance, name, input))
  return tell({ result: run(instance, name, input, batch.fresh) })
}

function runBatch(batch: BatchMessage): void {
  const instance = prepare(batch)
  let toldAt = performance.now()
  let offset = 0
  for (const [index, name] of batch.exports.entries()) {
    const input = batch.inputs.subarray(offset, (offset += batch.lengths[index] ?? 0))
    if (ledger.isWithdrawn(index)) {
      ledger.write({ kind: 'withdrawn' })
      continue
    }
    const begun = performance.now()
    if (begun - toldAt > tellAfterMs) {
      post({ kind: 'progress' })
      toldAt = begun
    }
    if (!ledger.begin(index)) break
    answer(index, call(batch, instance, { index, name, input }))
  }
  post({ kind: 'done' })
}

parentPort?.on('message', runBatch)
post({ kind: 'ready' })
