// A worker thread: keeps instances, runs one call after the other, and may be ended at any point.

import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { WasmateError, toWasmateError } from '../base/errors.ts'
import type { Host } from './guest/extism.ts'
import { Logs } from './guest/logs.ts'
import { Plugin } from './guest/plugin.ts'
import { Vars } from './guest/vars.ts'
import type { CallMessage, CallReply, HttpAnswer, HttpReply, HttpRequest, ThreadData } from './messages.ts'
import type { ThreadMessage } from './messages.ts'

interface Instance {
  module: WebAssembly.Module
  host: Host
  /** Absent until the first call, which pays for start-up, and after a call that was cut off. */
  plugin?: Plugin | undefined
}

const { http, wake } = workerData as ThreadData
const kernel = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)))
const instances = new Map<string, Instance>()
const flag = new Int32Array(wake)

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

function createInstance({ module, maxMemoryBytes }: Required<CallMessage>['create']): Instance {
  const host: Host = {
    config: {},
    allowedHosts: [],
    maxMemoryBytes,
    vars: new Vars(),
    logs: new Logs(),
    request,
    clock: (id) => (id === 0 ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint()),
    random: (bytes) => void randomFillSync(bytes),
  }
  return { module, host }
}

function prepare(message: CallMessage): Instance {
  for (const name of message.drop) instances.delete(name)
  if (message.create) instances.set(message.instance, createInstance(message.create))
  const instance = instances.get(message.instance)
  if (!instance) throw new WasmateError('INTERNAL', `the worker has no instance ${message.instance}`)
  instance.host.config = message.config
  instance.host.allowedHosts = message.allowedHosts
  if (message.vars) instance.host.vars.replace(message.vars)
  return instance
}

function run(instance: Instance, message: CallMessage): CallReply['result'] {
  const { host, module } = instance
  try {
    instance.plugin ??= new Plugin(module, kernel, host)
    const output = instance.plugin.call(message.export, message.input)
    const changes = host.vars.commit()
    return { ok: true, output, ...(changes && { changes }) }
  } catch (error) {
    host.vars.rollback()
    const { code, detail = '' } = toWasmateError(error)
    return { ok: false, code, detail }
  } finally {
    if (!instance.plugin?.isUsable) instance.plugin = undefined
  }
}

function answer(message: CallMessage): void {
  const begun = performance.now()
  const instance = prepare(message)
  const result = run(instance, message)
  const durationMs = performance.now() - begun
  const logs = instance.host.logs.take()
  const transfer = result.ok ? [result.output.buffer as ArrayBuffer] : []
  post({ kind: 'reply', id: message.id, logs, durationMs, result }, transfer)
}

parentPort?.on('message', answer)
post({ kind: 'ready' })
