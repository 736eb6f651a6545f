// The MCP server, line by line, as a client writes and reads them.

import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { McpServer, type McpTarget } from '../../../src/serve/mcp/server.ts'
import { until } from '../../helpers/until.ts'

interface Message {
  id?: string | number | null
  method?: string
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

interface Peer {
  say(...lines: unknown[]): void
  heard: Message[]
  answerTo(id: string | number | null): Promise<Message>
  server: McpServer
  input: PassThrough
  served: Promise<void>
}

const echo = { name: 'echo', title: 'echo', description: 'Says it again.', inputSchema: { type: 'object' } }

const target: McpTarget = {
  list: async () => [{ ...echo, called: 'not for the client' } as typeof echo],
  call: async (name, given, signal) => {
    if (name === 'echo') return { text: JSON.stringify(given), isError: false, meta: { cid: 'bafk' } }
    if (name !== 'slow') return undefined
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new WasmateError('CANCELLED')))
    })
  },
}

function open(t: TestContext, given: Partial<McpTarget> = {}): Peer {
  const input = new PassThrough()
  const heard: Message[] = []
  const send = (line: string): void => {
    assert.match(line, /^[^\n]+\n$/)
    heard.push(JSON.parse(line) as Message)
  }
  const server = new McpServer({ target: { ...target, ...given }, input, send, version: '1.2.3' })
  const served = server.serve(new AbortController().signal)
  t.after(() => input.end())
  return {
    ...{ heard, server, input, served },
    say: (...lines) => {
      for (const line of lines) input.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)
    },
    answerTo: async (id) => {
      await until(async () => heard.some((message) => message.id === id), `an answer to ${id}`)
      return heard.find((message) => message.id === id) ?? assert.fail()
    },
  }
}

const request = (id: string | number, method: string, params?: object): object => ({
  ...{ jsonrpc: '2.0', id, method },
  ...(params && { params }),
})

test('it introduces itself in the version of the client, or in its newest', async (t) => {
  const { say, answerTo } = open(t)
  say(request(1, 'initialize', { protocolVersion: '2024-11-05', capabilities: {} }))
  say(request(2, 'initialize', { protocolVersion: '1999-01-01', capabilities: {} }))
  const { result } = await answerTo(1)
  assert.equal(result?.['protocolVersion'], '2024-11-05')
  assert.deepEqual(result?.['capabilities'], { tools: { listChanged: true } })
  assert.deepEqual(result?.['serverInfo'], { name: 'wasmate', title: 'Wasmate', version: '1.2.3' })
  assert.equal((await answerTo(2)).result?.['protocolVersion'], '2025-11-25')
})

test('it lists tools, calls one, and answers a ping', async (t) => {
  const { say, answerTo } = open(t)
  say(
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    request('a', 'ping'),
    request('b', 'tools/list'),
  )
  say(request('c', 'tools/call', { name: 'echo', arguments: { n: 1 } }))
  assert.deepEqual((await answerTo('a')).result, {})
  assert.deepEqual((await answerTo('b')).result, { tools: [echo] })
  assert.deepEqual((await answerTo('c')).result, {
    ...{ content: [{ type: 'text', text: '{"n":1}' }], isError: false, _meta: { cid: 'bafk' } },
  })
})

test('a message may come in parts, and more than one at a time', async (t) => {
  const { say, answerTo, input } = open(t)
  const bytes = Buffer.from(
    `${JSON.stringify(request('ä', 'ping'))}\r\n${JSON.stringify(request(2, 'ping'))}\n`,
  )
  for (const byte of bytes) input.write(Buffer.from([byte]))
  say('\n')
  assert.ok((await answerTo('ä')).result)
  assert.ok((await answerTo(2)).result)
})

test('what is no request is refused with the code of JSON-RPC', async (t) => {
  const wrong: [unknown, number][] = [
    ['nonsense\n', -32_700],
    [[request(1, 'ping')], -32_600],
    [{ id: 1, method: 'ping' }, -32_600],
    [{ jsonrpc: '2.0', id: null, method: 'ping' }, -32_600],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, -32_600],
  ]
  for (const [line, code] of wrong) {
    const { say, answerTo } = open(t)
    say(line)
    assert.equal((await answerTo(null)).error?.code, code, JSON.stringify(line))
  }
  const { say, answerTo } = open(t)
  say(request(1, 'resources/list'), request(2, 'tools/call', { name: 'nobody' }), request(3, 'tools/call'))
  assert.equal((await answerTo(1)).error?.code, -32_601)
  assert.equal((await answerTo(2)).error?.code, -32_602)
  assert.equal((await answerTo(3)).error?.code, -32_602)
})

test('an error of ours comes with what to do next', async (t) => {
  const list = async (): Promise<never> => {
    throw new WasmateError('EMULATOR_NOT_RUNNING', '/folder')
  }
  const { say, answerTo } = open(t, { list })
  say(request(1, 'tools/list'))
  const { error } = await answerTo(1)
  assert.match(error?.message ?? '', /\/folder.*wasmate up/)
})

test('a call that is cancelled ends and is not answered, and others go on', async (t) => {
  const { say, answerTo, heard } = open(t)
  say(request(7, 'tools/call', { name: 'slow' }))
  say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }, request(8, 'ping'))
  await answerTo(8)
  // Its number is free again: nothing of it is left.
  say(request(7, 'ping'))
  assert.deepEqual((await answerTo(7)).result, {})
  assert.equal(heard.length, 2)
})

test('it ends with its input, and what ran with it', async (t) => {
  const { say, served, input } = open(t)
  say(request(1, 'tools/call', { name: 'slow' }))
  input.end()
  await served
})

test('it tells that the list has changed', (t) => {
  const { server, heard } = open(t)
  server.tellListChanged()
  assert.deepEqual(heard, [{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }])
})
