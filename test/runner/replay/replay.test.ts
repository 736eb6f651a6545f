// A recorded call comes to the same bytes again, with nothing of the outside: in AssemblyScript, C and Go.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatNumber, parseNumber } from '../../../src/runner/replay/summary.ts'
import { cameOf, record, replay } from '../../helpers/replays.ts'
import { startRunner } from '../../helpers/runner.ts'
import { compileSamples } from '../../helpers/samples.ts'

const hostFunctions = fileURLToPath(new URL('../../fixtures/host-functions.mjs', import.meta.url))

const { as, c, go } = await compileSamples()

test('clock, random bytes and start-up code: the same bytes, also after many other calls', async (t) => {
  const started = await startRunner(t, { as, c, go }, { hostFunctions })
  for (const asked of [
    { cid: 'c', export: 'world' },
    { cid: 'go', export: 'world' },
    { cid: 'go', export: 'calls_so_far' },
    { cid: 'as', export: 'calls_so_far' },
    { cid: 'go', export: 'greet', input: 'Ada' },
    { cid: 'as', export: 'greet', input: 'Ada' },
  ]) {
    for (let turn = 0; turn < 3; turn++) await started.invoke(asked)
    const recorded = await record(started, asked)
    assert.deepEqual(recorded.recording.unfaithful, [])
    const again = await replay(started, recorded)
    assert.equal(cameOf(again), recorded.came, `${asked.cid} ${asked.export}`)
  }
})

test('functions of the embedder are answered by the recording: they need not be here', async (t) => {
  const started = await startRunner(t, { c }, { hostFunctions })
  const recorded = await record(started, { cid: 'c', export: 'shout', input: 'psst' })
  assert.equal(Buffer.from(recorded.came, 'base64').toString(), 'PSST')
  const refused = await record(started, { cid: 'c', export: 'refused' })
  assert.equal(refused.came, 'CALL_FAILED: host function refuse: not today')
  const elsewhere = await startRunner(t, {})
  for (const each of [recorded, refused]) {
    assert.equal(cameOf(await replay(elsewhere, each, { bytes: c })), each.came)
  }
})

async function serve(t: TestContext): Promise<{ url: string; asked: () => number }> {
  let count = 0
  const server = createServer((_request, response) => {
    count++
    response.writeHead(201, { 'set-cookie': 'id=hidden', 'x-count': `${count}` }).end(`answer ${count}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, asked: () => count }
}

test('a number that a function of the embedder gives is the same number again', () => {
  for (const number of [0, -0, 1.5, -1e-7, 2 ** 53, Infinity, -Infinity, NaN, 0n, -(2n ** 63n)]) {
    assert.ok(Object.is(parseNumber(formatNumber(number)), number), `${number}`)
  }
})

test('an HTTP answer comes from the recording, and no request goes out', async (t) => {
  const { url, asked } = await serve(t)
  const started = await startRunner(t, { c }, { hostFunctions })
  const options = { allowedHosts: ['127.0.0.1'] }
  const input = JSON.stringify({ url, method: 'POST', headers: { accept: 'text/plain' } })
  const recorded = await record(started, { cid: 'c', export: 'fetch', input, options })
  const refused = await record(started, { cid: 'c', export: 'fetch', input })
  assert.match(refused.came, /^CALL_FAILED: .*allowedHosts/)
  const before = asked()
  for (const each of [recorded, refused]) assert.equal(cameOf(await replay(started, each)), each.came)
  assert.equal(asked(), before)
})

test('vars as they were before the call are those of the replay, and it changes none', async (t) => {
  const started = await startRunner(t, { as })
  for (let turn = 0; turn < 4; turn++) await started.invoke({ cid: 'as', export: 'count' })
  const recorded = await record(started, { cid: 'as', export: 'count' })
  const failed = await record(started, { cid: 'as', export: 'count_and_trap' })
  await started.invoke({ cid: 'as', export: 'count' })
  assert.equal(cameOf(await replay(started, recorded)), recorded.came)
  assert.equal(Buffer.from(recorded.came, 'base64').toString(), '5')
  assert.equal(cameOf(await replay(started, failed)), failed.came)
  assert.equal(await started.ask({ cid: 'as', export: 'count' }), '7')
})

test('a trap, an exit and a panic come to the same words', async (t) => {
  const started = await startRunner(t, { as, go })
  for (const asked of [
    { cid: 'as', export: 'traps', input: '3' },
    { cid: 'as', export: 'fails' },
    { cid: 'go', export: 'panics', input: 'x' },
    { cid: 'go', export: 'exits' },
  ]) {
    const recorded = await record(started, asked)
    assert.equal(cameOf(await replay(started, recorded)), recorded.came)
  }
})

test('secrets are in no recording, wherever they went, and it replays all the same', async (t) => {
  const { url } = await serve(t)
  const started = await startRunner(t, { as, c }, { hostFunctions })
  const config = { apiToken: 'hunter22+/', plain: 'seen' }
  const options = { allowedHosts: ['127.0.0.1'], config }
  const request = {
    url: `${url}?password=other&x=${encodeURIComponent(config.apiToken)}`,
    headers: { Authorization: 'Bearer other', Cookie: 'a=other', note: `it is ${config.apiToken}` },
  }
  const sent = await record(started, { cid: 'c', export: 'fetch', input: JSON.stringify(request), options })
  assert.doesNotMatch(JSON.stringify(sent.recording), /hunter22|other|hidden/)
  const [event] = sent.recording.events
  assert.equal(event?.call === 'http' && event.request.headers['note'], 'it is redacted')
  const read = await record(started, { cid: 'as', export: 'setting', input: 'apiToken', options })
  assert.deepEqual(read.recording.unfaithful, ['it read apiToken of its config, which is redacted'])
  const open = await record(started, { cid: 'as', export: 'setting', input: 'plain', options })
  assert.deepEqual(open.recording.unfaithful, [])
  const headers = await record(started, {
    ...{ cid: 'c', export: 'headers', input: JSON.stringify({ url }), options },
  })
  assert.deepEqual(headers.recording.unfaithful, ['it read the header set-cookie, which is redacted'])
})

test('a request that fails tells no secret in its words, and fails in the same words again', async (t) => {
  const started = await startRunner(t, { c }, { hostFunctions })
  const options = { config: { apiToken: 'hunter22+/' } }
  const input = JSON.stringify({ url: 'htp:/hunter22+/ x' })
  const { recording } = await record(started, { cid: 'c', export: 'fetch', input, options })
  const [event] = recording.events
  assert.match((event?.call === 'http' && event.failed?.detail) || '', /"htp:\/redacted x" is no http/)
})

test('the first host call that differs is named: another one, one too many, one too few', async (t) => {
  const started = await startRunner(t, { as, c }, { hostFunctions })
  const recorded = await record(started, { cid: 'c', export: 'world' })
  const { events } = recorded.recording
  const other = [...events.slice(0, 1), { call: 'config' as const, key: 'who' }, ...events.slice(2)]
  assert.equal(
    cameOf(await replay(started, recorded, { events: other })),
    'diverged at 1: config_get who | clock 1',
  )
  assert.equal(
    cameOf(await replay(started, recorded, { events: events.slice(0, 2) })),
    'diverged at 2: - | random, 48 bytes',
  )
  assert.equal(
    cameOf(await replay(started, recorded, { events: [...events, { call: 'config', key: 'who' }] })),
    'diverged at 3: config_get who | -',
  )
})

test('of a call that is ended, what it was told until then is there, and a replay is ended too', async (t) => {
  const started = await startRunner(t, { c }, { hostFunctions })
  const recorded = await record(started, { cid: 'c', export: 'spin', options: { timeoutMs: 100 } })
  assert.equal(recorded.came, 'CALL_TIMEOUT: it ran for 100 ms')
  assert.deepEqual(
    recorded.recording.events.map(({ call }) => call),
    ['clock'],
  )
  const { runner } = started
  const bytes = runner.bytesOf('c') as Uint8Array
  const options = { timeoutMs: 100, maxMemoryBytes: 1 << 24, allowedHosts: [], config: {} }
  const script = { ...recorded.recording, matching: 'strict' as const }
  const call = { cid: 'c', bytes, export: 'spin', input: new Uint8Array(), options, script, metered: false }
  assert.equal(cameOf(await runner.replays.run(call)), recorded.came)
})

test('more than a recording holds is said, and the call goes on', async (t) => {
  const started = await startRunner(t, { c }, { hostFunctions })
  const { recording, came } = await record(started, { cid: 'c', export: 'many' })
  assert.equal(came, '')
  assert.deepEqual(recording.unfaithful, ['it asked its host for more than a receipt holds'])
})
