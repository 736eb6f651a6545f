import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { PinningClient } from '../../../src/content/pinning/client.ts'
import { addBytes, madeBytes, startNode } from '../../helpers/content.ts'
import {
  type Answering,
  failure,
  foreign,
  secret,
  sendJson,
  startForeignService,
} from '../../helpers/foreign-service.ts'
import { startService, token } from '../../helpers/pinning.ts'

const cid = 'bafkqaaa'
const good = {
  requestid: 'r1',
  status: 'queued',
  created: '2026-01-01T00:00:00Z',
  pin: { cid },
  delegates: [],
}

test('add, get, list, replace and remove against the own service', async (t) => {
  const node = await startNode(t)
  const { url, ended } = await startService(t, node)
  const client = new PinningClient({ url, token })
  const root = await addBytes(node, madeBytes(100))
  const added = await client.add({ cid: root, name: 'a', meta: { k: 'v' } })
  await ended(added.requestid)
  const got = await client.get(added.requestid)
  assert.deepEqual(
    [got.status, got.pin, got.info?.['dag_size']],
    ['pinned', { cid: root, name: 'a', meta: { k: 'v' } }, '100'],
  )
  const { count, results } = await client.list({
    cid: [root, cid],
    name: 'A',
    match: 'iexact',
    status: ['pinned', 'failed'],
    before: '2999-01-01T00:00:00Z',
    after: '2000-01-01T00:00:00Z',
    limit: 5,
    meta: { k: 'v' },
  })
  assert.deepEqual([count, results], [1, [got]])
  const replaced = await client.replace(added.requestid, { cid: root, name: 'b' })
  await ended(replaced.requestid)
  await client.remove(replaced.requestid)
  assert.deepEqual(await client.list({ status: ['queued', 'pinning', 'pinned', 'failed'] }), {
    count: 0,
    results: [],
  })
  const gone = await failure(client.get(replaced.requestid))
  assert.equal(gone.code, 'PINNING_REFUSED')
  assert.match(gone.message, /HTTP 404 NOT_FOUND: /)
})

test('the request is what the specification wants', async (t) => {
  const { client, service } = await foreign(t, (response) => sendJson(response, 202, good))
  await client.add({ cid, name: 'n', origins: ['/ip4/1.2.3.4/tcp/1'], meta: { a: 'b' } })
  await client.replace('r/1?', { cid })
  assert.deepEqual(service.asked, ['POST /psa/pins', 'POST /psa/pins/r%2F1%3F'])
  assert.deepEqual(service.tokens, [`Bearer ${secret}`, `Bearer ${secret}`])
  const body: unknown = JSON.parse(service.bodies[0] ?? '')
  assert.deepEqual(body, { cid, name: 'n', origins: ['/ip4/1.2.3.4/tcp/1'], meta: { a: 'b' } })
})

test('what a service sends beside the specification is taken as it is, null for what it lacks', async (t) => {
  const filecoin = {
    ...good,
    status: 'pinned',
    pin: { cid, name: null, origins: null, meta: null },
    delegates: null,
    info: { piece_cid: 'bafkzcib', data_set_id: 42, extra: { nested: true } },
    more: 1,
  }
  const { client } = await foreign(t, (response) => sendJson(response, 200, filecoin))
  const status = await client.get('r1')
  assert.deepEqual(status.info, { piece_cid: 'bafkzcib', data_set_id: 42, extra: { nested: true } })
  assert.deepEqual(status.delegates, [])
})

test('the reason and the details of a refusal are told as returned', async (t) => {
  const error = { reason: 'INSUFFICIENT_FUNDS', details: 'pay first\u001b[2J' }
  const { client } = await foreign(t, (response) => sendJson(response, 409, { error }))
  const refused = await failure(client.add({ cid }))
  assert.equal(refused.code, 'PINNING_REFUSED')
  assert.match(refused.message, /HTTP 409 INSUFFICIENT_FUNDS: pay first\?\[2J$/)
})

const html = '<html><body>not here</body></html>'
const refusals: [string, Answering, string, RegExp][] = [
  ['HTML with 500', (r) => r.writeHead(500).end(html), 'PINNING_REFUSED', /HTTP 500 <html>/],
  ['nothing with 502', (r) => r.writeHead(502).end(), 'PINNING_REFUSED', /HTTP 502$/],
  [
    '429 with a wait',
    (r) => sendJson(r, 429, { error: { reason: 'SLOW' } }, { 'retry-after': '7' }),
    'PINNING_REFUSED',
    /HTTP 429 SLOW, to be asked again in 7 s/,
  ],
  [
    'a reason that is a text',
    (r) => sendJson(r, 401, { error: 'Invalid access token' }),
    'PINNING_REFUSED',
    /HTTP 401 Invalid access token$/,
  ],
  ['HTML with 200', (r) => r.writeHead(200).end(html), 'PINNING_ANSWER_INVALID', /<html>/],
  ['another schema', (r) => sendJson(r, 200, { id: 1 }), 'PINNING_ANSWER_INVALID', /requestid/],
  ['another state', (r) => sendJson(r, 200, { ...good, status: 'done' }), 'PINNING_ANSWER_INVALID', /status/],
  [
    'another request',
    (r) => sendJson(r, 200, { ...good, requestid: 'r2' }),
    'PINNING_ANSWER_INVALID',
    /another/,
  ],
  ['null', (r) => sendJson(r, 200, null), 'PINNING_ANSWER_INVALID', /the whole/],
  ['deep nesting', (r) => r.end('['.repeat(900_000)), 'PINNING_ANSWER_INVALID', /the whole/],
  [
    'more than a megabyte',
    (r) => r.end(' '.repeat(2_000_000)),
    'PINNING_ANSWER_INVALID',
    /more than 1048576/,
  ],
  [
    'half an answer',
    (r) => void r.write('{"requ', () => r.destroy()),
    'PINNING_UNREACHABLE',
    /\/psa\/pins\/r1/,
  ],
  ['a cut', (r) => r.destroy(), 'PINNING_UNREACHABLE', /\/psa\/pins\/r1/],
  ['its own token', (r) => sendJson(r, 403, { error: { reason: secret } }), 'PINNING_REFUSED', /\[token\]/],
]
for (const [what, answer, code, message] of refusals) {
  test(`a service that answers with ${what} is refused by name`, async (t) => {
    const { client } = await foreign(t, answer)
    const error = await failure(client.get('r1'))
    assert.equal(error.code, code)
    assert.match(error.message, message)
  })
}

test('an endless answer is cut off', async (t) => {
  const { client } = await foreign(t, (response) => {
    const write = (): void => {
      if (!response.destroyed) response.write(' '.repeat(65_536), write)
    }
    write()
  })
  assert.equal((await failure(client.list())).code, 'PINNING_ANSWER_INVALID')
})

test('a service that says nothing is given up, and a signal ends the waiting at once', async (t) => {
  const { client } = await foreign(t, () => undefined, { silenceMs: 50 })
  const silent = await failure(client.get('r1'))
  assert.equal(silent.code, 'PINNING_UNREACHABLE')
  assert.match(silent.message, /nothing came for 50 ms/)
  const { client: patient } = await foreign(t, () => undefined)
  const stopper = new AbortController()
  const waiting = patient.get('r1', { signal: stopper.signal })
  stopper.abort()
  assert.equal((await failure(waiting)).code, 'CANCELLED')
  assert.equal((await failure(patient.get('r1', { signal: AbortSignal.abort() }))).code, 'CANCELLED')
})

test('a redirect is not followed, so the token goes nowhere else', async (t) => {
  const thief = await startForeignService(t, (response) => sendJson(response, 200, good))
  const { client } = await foreign(t, (response) =>
    response.writeHead(307, { location: `${thief.url}/psa/pins` }).end(),
  )
  const error = await failure(client.add({ cid }))
  assert.equal(error.code, 'PINNING_REFUSED')
  assert.match(
    error.message,
    /HTTP 307 leads to http:\/\/127\.0\.0\.1:\d+\/psa\/pins; redirects are not followed/,
  )
  assert.deepEqual(thief.asked, [])
})

test('an answer for another CID is no answer, and version 1 of the same DAG is', async (t) => {
  const v0 = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'
  const v1 = parseCid(v0).toV1().toString()
  let returned = v1
  const { client } = await foreign(t, (response) =>
    sendJson(response, 202, { ...good, pin: { cid: returned } }),
  )
  assert.equal((await client.add({ cid: v0 })).pin.cid, v1)
  for (returned of [cid, 'nonsense']) {
    assert.equal((await failure(client.add({ cid: v0 }))).code, 'PINNING_ANSWER_INVALID')
  }
})

test('a token that no header carries is refused without being shown', () => {
  for (const bad of ['', `${secret}\r\nx: y`, `${secret} and more`, `${secret}ü`]) {
    assert.throws(
      () => new PinningClient({ url: 'http://127.0.0.1:1', token: bad }),
      (error: unknown) => {
        assert.ok(error instanceof WasmateError && error.code === 'PINNING_TOKEN_MISSING')
        return !error.message.includes(secret)
      },
    )
  }
})

test('a service that is not there is named', async () => {
  const client = new PinningClient({ url: 'http://127.0.0.1:1/psa', token: secret })
  const error = await failure(client.list())
  assert.equal(error.code, 'PINNING_UNREACHABLE')
  assert.match(error.message, /http:\/\/127\.0\.0\.1:1\/psa\/pins/)
})
