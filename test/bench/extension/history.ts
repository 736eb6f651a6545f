// Ten thousand invocations: what the emulator keeps of them in memory, and what a window that shows all of them does.

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { until } from '../../helpers/until.ts'
import type { Running } from '../../helpers/wasmate.ts'
import { round } from '../measure.ts'
import { type Bench, measureInHost, startHello } from './place.ts'

const invocations = 10_000
const warmup = 1_000
const atOnce = 8

export async function measureHistory(bench: Bench): Promise<void> {
  const workspace = await bench.newFolder()
  const running = await startHello(workspace, { NODE_OPTIONS: '--inspect=127.0.0.1:0' })
  try {
    await callOften(running, warmup)
    await ask(running, 'clear', {})
    const before = await measureHeap(running)
    await callOften(running, invocations)
    const emulatorMb = ((await measureHeap(running)) - before) / 1_000_000
    const asked = { file: 'history.host.ts', workspace, windows: 1 }
    const { heap: [windowBytes = NaN] = [], shown: [shown = 0] = [] } = await measureInHost(bench, asked)
    if (shown < invocations) throw new Error(`only ${shown} are shown`)
    const windowMb = windowBytes / 1_000_000
    const details = { invocations, emulatorMb: round(emulatorMb), windowMb: round(windowMb) }
    bench.print('history-mb', Math.max(emulatorMb, windowMb), 'MB', details)
  } finally {
    await running.stop()
  }
}

/** By hand: of calls over HTTP only some are kept when they come this fast. */
async function callOften(running: Running, count: number): Promise<void> {
  const base64 = Buffer.from('Ada Lovelace').toString('base64')
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, () => ask(running, 'invoke', { target: 'hello', base64 })),
    )
  }
}

async function ask({ state: { urls, token } }: Running, path: string, request: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify(request)
  const response = await fetch(`${urls.control}/${path}`, { method: 'POST', headers, body })
  const answer = await response.text()
  if (!response.ok || answer.includes('"problem"')) throw new Error(answer)
}

/** Bytes in use once what is not needed is collected, by the inspector that Node has. */
async function measureHeap(running: Running): Promise<number> {
  // What is being written is over by then.
  await pause(1_000)
  let url = ''
  await until(async () => {
    url = /ws:\/\/\S+/.exec(running.stderr())?.[0] ?? ''
    return url !== ''
  }, 'the inspector')
  const socket = new WebSocket(url)
  try {
    await once(socket, 'open')
    for (let turn = 0; turn < 3; turn++) await command(socket, 'HeapProfiler.collectGarbage')
    return (await command<{ usedSize: number }>(socket, 'Runtime.getHeapUsage')).usedSize
  } finally {
    socket.terminate()
  }
}

async function command<T>(socket: WebSocket, method: string): Promise<T> {
  socket.send(JSON.stringify({ id: 1, method }))
  const [message] = (await once(socket, 'message')) as [Buffer]
  return (JSON.parse(message.toString()) as { result: T }).result
}
