// What a call is told when it is told the present: the time, chance, and the answers of hosts elsewhere.

import { randomFillSync } from 'node:crypto'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { WasmateError } from '../../../base/errors.ts'
import type { HttpAnswer, HttpReply, HttpRequest } from '../../messages.ts'
import type { Host } from '../extism.ts'

export interface Fetcher {
  /** Where answers come while the thread stands still. */
  http: MessagePort
  /** Is notified when one is there. */
  wake: SharedArrayBuffer
  /** Asks whoever fetches for this thread. */
  ask(request: HttpRequest): void
}

export function tellPresent({
  http,
  wake,
  ask,
}: Fetcher): Pick<Host, 'request' | 'clock' | 'random' | 'sleep'> {
  const flag = new Int32Array(wake)
  const request = (asked: HttpRequest): HttpAnswer => {
    Atomics.store(flag, 0, 0)
    ask(asked)
    Atomics.wait(flag, 0, 0)
    const received: { message: HttpReply } | undefined = receiveMessageOnPort(http)
    if (!received) throw new WasmateError('INTERNAL', 'http_request was answered with nothing')
    const { message } = received
    if (!message.ok) throw new WasmateError(message.code, message.detail)
    return message.answer
  }
  return {
    request,
    clock: (id) => (id === 0 ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint()),
    random: (bytes) => void randomFillSync(bytes),
    sleep,
  }
}

function sleep(durationMs: number): void {
  if (durationMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs)
}
