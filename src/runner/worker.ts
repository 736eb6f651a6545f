// A worker thread: keeps instances, runs one call after the other, and may be ended at any point.

import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { WasmateError, toWasmateError } from '../base/errors.ts'
import type { Host } from './guest/extism.ts'
import { openFolders } from './guest/folders.ts'
import { loadHostFunctions } from './guest/host-functions.ts'
import { HostCalls } from './guest/calls/host-calls.ts'
import { Logs } from './guest/logs.ts'
import { Plugin } from './guest/plugin.ts'
import { Vars } from './guest/vars.ts'
import { Ledger } from './ledger.ts'
import type { BatchMessage, CallReply, HttpAnswer, HttpReply, HttpRequest, ThreadData } from './messages.ts'
import type { ThreadMessage } from './messages.ts'

interface Instance {
  module: WebAssembly.Module
  host: Host
  /** Absent until the first call, which pays for start-up, and after a call that was cut off. */
  plugin?: Plugin | undefined
}

const { http, wake, ledger: shared, hostFunctions, allowedPaths = {} } = workerData as ThreadData
const ledger = new Ledger(shared)
const kernel = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)))
const functions = hostFunctions === undefined ? {} : await loadHostFunctions(hostFunctions)
const folders = openFolders(allowedPaths)
const instances = new Map<string, Instance>()
const flag = new Int32Array(wake)

/** How long an answer that is ready may wait for the rest of its batch. */
const tellAfterMs = 1

function post(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function request(asked: HttpRequest): HttpAnswer {
  Atomics.store(flag, 0, 0)
  post({ kind: 'http', request: asked })
  Atomics.wait(flag, 0, 0)
  const received: { message: HttpReply } | undefined = receiveMessageOnPort(http)
  if (!received) throw new WasmateError('INTERNAL', 'http_request was answered with nothing')
  const { message } = received
  if (!message.ok) throw new WasmateError(message.code, message.detail)
  return message.answer
}

function createInstance({ module, maxMemoryBytes }: Required<BatchMessage>['create']): Instance {
  const host: Host = {
    config: {},
    allowedHosts: [],
    maxMemoryBytes,
    vars: new Vars(),
    logs: new Logs(),
    calls: new HostCalls(),
    request,
    clock: (id) => (id === 0 ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint()),
    random: (bytes) => void randomFillSync(bytes),
    functions,
    folders,
  }
  return { module, host }
}

function prepare(batch: BatchMessage): Instance {
  for (const name of batch.drop) {
    instances.get(name)?.plugin?.close()
    instances.delete(name)
  }
  if (batch.create) instances.set(batch.instance, createInstance(batch.create))
  const instance = instances.get(batch.instance)
  if (!instance) throw new WasmateError('INTERNAL', `the worker has no instance ${batch.instance}`)
  instance.host.config = batch.config
  instance.host.allowedHosts = batch.allowedHosts
  if (batch.vars) instance.host.vars.replace(batch.vars)
  return instance
}

function run(instance: Instance, name: string, input: Uint8Array, fresh: boolean): CallReply['result'] {
  const { host, module } = instance
  try {
    instance.plugin ??= new Plugin(module, kernel, host, name)
    const output = instance.plugin.call(name, input)
    const changes = host.vars.commit()
    return { ok: true, output, ...(changes && { changes }) }
  } catch (error) {
    host.vars.rollback()
    const { code, detail = '' } = toWasmateError(error)
    return { ok: false, code, detail }
  } finally {
    if (fresh || !instance.plugin?.isUsable) {
      instance.plugin?.close()
      instance.plugin = undefined
    }
  }
}

/** Into the ledger when it fits, which survives this thread; else as a message, which does too once it is sent. */
function answer(index: number, reply: CallReply): void {
  const { result, logs, durationMs, host } = reply
  const fits = result.ok
    ? !result.changes && ledger.write({ kind: 'answer', durationMs, output: result.output, logs, host })
    : ledger.write({ kind: 'failure', durationMs, code: result.code, detail: result.detail, logs, host })
  if (fits) return
  post({ kind: 'reply', index, reply }, result.ok ? [result.output.buffer as ArrayBuffer] : [])
  ledger.write({ kind: 'posted' })
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
    const { logs, calls } = instance.host
    if (batch.traced?.includes(index)) calls.begin()
    const result = run(instance, name, input, batch.fresh)
    const durationMs = performance.now() - begun
    answer(index, { logs: logs.take(), durationMs, host: calls.take(), result })
  }
  post({ kind: 'done' })
}

parentPort?.on('message', runBatch)
post({ kind: 'ready' })
