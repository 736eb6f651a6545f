// The control API between its client and a target that is this test: what is refused, streamed, and cut off.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { silentLog } from '../../src/base/log.ts'
import { WasmateError } from '../../src/base/errors.ts'
import { ControlClient } from '../../src/client/control.ts'
import { type ControlTarget, createControl } from '../../src/serve/control.ts'
import { listenHttp } from '../../src/serve/http.ts'
import { showError } from '../helpers/runner.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'

const refuse = async (): Promise<never> => {
  throw new WasmateError('CHAIN_NOT_READY', 'starting')
}

async function serve(
  context: TestContext,
  given: Partial<ControlTarget>,
): Promise<{
  client: ControlClient
  http: FastifyInstance
  post(path: string, body: unknown): Promise<Response>
}> {
  const target: ControlTarget = {
    ...{ status: refuse, list: refuse, requestStop: () => undefined },
    ...{ deploy: refuse, verify: refuse, change: refuse, diff: refuse, log: refuse, watch: refuse },
    ...{ build: refuse, pin: refuse, overview: refuse, invoke: refuse, history: refuse, clear: refuse },
    ...{ register: refuse, accounts: refuse, networks: refuse, changes: refuse },
    ...{ replay: refuse, against: refuse, bisect: refuse },
    ...{ debugBuild: refuse, debugNext: refuse, debugAnswer: refuse },
    ...given,
  }
  const http = createControl({ target, token: 'secret', maxInputBytes: 1_000 })
  undoAfter(context, () => http.close())
  const control = await listenHttp(http, 0, silentLog)
  const urls = { rpc: '', kubo: '', gateway: '', lassie: '', functions: '', control }
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(control + path, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { client: new ControlClient({ pid: process.pid, token: 'secret', urls }), http, post }
}

test('progress and steps arrive as they happen, the result last', async (context) => {
  const told: unknown[] = []
  let goOn = (): void => undefined
  const { client } = await serve(context, {
    verify: async (request, { report, step }) => {
      report?.({ doing: 'looking', fraction: 0.5 })
      step?.({ step: 'resolve', ms: 1, facts: { name: request.name } })
      await new Promise<void>((resolve) => (goOn = resolve))
      return {
        ...{ name: request.name, version: 7, cid: '', sha256: '', size: 0 },
        sourceCid: '',
        checks: [],
        verified: true,
      }
    },
  })
  const verifying = client.stream(
    'verify',
    { name: 'hello', version: 7, attest: true },
    { report: (progress) => told.push(progress), step: (step) => told.push(step) },
  )
  await until(async () => told.length === 2)
  assert.deepEqual(told, [
    { doing: 'looking', fraction: 0.5 },
    { step: 'resolve', ms: 1, facts: { name: 'hello' } },
  ])
  goOn()
  assert.equal((await verifying).version, 7)
})

test('an error that comes after the first step is the error that was thrown', async (context) => {
  const { client } = await serve(context, {
    log: async (_request, { report }) => {
      report?.({ doing: 'reading' })
      throw new WasmateError('FUNCTION_NOT_FOUND', 'hello')
    },
  })
  assert.equal(await showError(client.stream('log', { name: 'hello' }, {})), 'FUNCTION_NOT_FOUND: hello')
  assert.equal(await showError(client.list({ offset: 0, limit: 1 })), 'CHAIN_NOT_READY: starting')
})

test('who goes away is not worked for any longer', async (context) => {
  let ended = false
  const { client } = await serve(context, {
    watch: async (_request, { signal, step }) => {
      step?.({ current: null })
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      ended = true
      return null
    },
  })
  const leaving = new AbortController()
  const watching = client.stream(
    'watch',
    { name: 'hello' },
    { signal: leaving.signal, step: () => leaving.abort() },
  )
  assert.match(await showError(watching), /^CANCELLED/)
  await until(async () => ended)
})

test('an emulator that ends in the middle of an answer is told as such', async (context) => {
  const { client, http } = await serve(context, {
    diff: (_request, { report }) => {
      report?.({ doing: 'building' })
      return new Promise(() => undefined)
    },
  })
  const closing = { report: (): void => void http.close() }
  assert.match(await showError(client.stream('diff', { name: 'hello' }, closing)), /^EMULATOR_NOT_RUNNING/)
})

test('every request is checked before anything is done', async (context) => {
  const asked: unknown[] = []
  const { post, client } = await serve(context, {
    change: async (change) => {
      asked.push(change)
      return { state: 'unchanged' }
    },
  })
  const sha256 = 'ab'.repeat(32)
  const good = [
    { kind: 'set-current', name: 'a', version: 1 },
    { kind: 'yank', name: 'a', version: 2 },
    { kind: 'transfer-ownership', name: 'a', to: '0x1' },
    { kind: 'accept-ownership', name: 'a' },
    { kind: 'add-maintainer', name: 'a', account: '0x1' },
    { kind: 'remove-maintainer', name: 'a', account: '0xAB' },
    { kind: 'attest', name: 'a', version: 1, sha256 },
  ] as const
  for (const change of good)
    assert.deepEqual(await client.stream('change', change, {}), { state: 'unchanged' })
  assert.deepEqual(asked, good)
  const bad: [string, unknown][] = [
    ['/change', { kind: 'upgrade', name: 'a' }],
    ['/change', { kind: 'yank', name: 'a', version: 0 }],
    ['/change', { kind: 'yank', name: 'a', version: 1.5 }],
    ['/change', { kind: 'yank', name: '', version: 1 }],
    ['/change', { kind: 'transfer-ownership', name: 'a', to: 'me' }],
    ['/change', { kind: 'attest', name: 'a', version: 1, sha256: 'AB' }],
    ['/change', { kind: 'accept-ownership', name: 'a', to: '0x1' }],
    ['/verify', { name: 'a', version: '1' }],
    ['/verify', {}],
    ['/diff', { name: 7 }],
    ['/log', null],
    ['/watch', []],
  ]
  for (const [path, body] of bad) {
    const response = await post(path, body)
    const { code } = (await response.json()) as { code: string }
    assert.deepEqual([response.status, code], [400, 'INPUT_INVALID'], `${path} ${JSON.stringify(body)}`)
  }
  assert.equal(asked.length, good.length)
})

test('nobody without the token, and no web page, gets an answer', async (context) => {
  const { client } = await serve(context, {})
  const url = `${client.state.urls.control}/change`
  const body = JSON.stringify({ kind: 'accept-ownership', name: 'a' })
  const ask = (headers: Record<string, string>): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  assert.equal((await ask({})).status, 401)
  assert.equal((await ask({ authorization: 'Bearer other' })).status, 401)
  const fromPage = { authorization: 'Bearer secret', origin: 'http://localhost:3000' }
  assert.equal((await ask(fromPage)).status, 403)
})
