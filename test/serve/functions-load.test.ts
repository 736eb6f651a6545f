// The function server under callers that are too many, go away, or stay when it stops; with either parser.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { compileC } from '../helpers/plugins.ts'
import { parseExposition } from '../helpers/prometheus.ts'
import { until } from '../helpers/until.ts'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

const hello = await compileC(`EXPORT(hello) int hello(void) { say("hello"); return 0; }`)
const tool = await compileC(`static volatile int sink;
  EXPORT(quick) int quick(void) { say("quick"); return 0; }
  EXPORT(key) int key(void) { u64 v = host_config_get(text("idempotency-key")); if (v) host_output_set(v, host_length(v)); return 0; }
  EXPORT(spin) int spin(void) { for (;;) sink++; }
  EXPORT(nap) int nap(void) { for (int i = 0; i < 200000000; i++) sink++; say("rested"); return 0; }`)

for (const parser of ['llhttp', 'node']) {
  suite(`functions under load, read by ${parser}`, () => {
    let cwd: string
    let running: Running
    let base: string

    before(async () => {
      cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
      const settings = [
        ...[`serve.parser=${parser}`, 'serve.defaultFunction=hello', 'serve.maxBodyBytes=1000'],
        ...['runner.maxQueue=4', 'runner.maxWorkers=2', 'runner.maxWorkersPerFunction=1'],
        'runner.timeoutMs=20000',
      ]
      running = await up({ cwd, args: settings.flatMap((setting) => ['--set', setting]) })
      base = running.state.urls.functions
      await chainIs(running.state, 'ready')
      for (const [name, bytes] of Object.entries({ hello, tool })) {
        await writeFile(join(cwd, `${name}.wasm`), bytes)
        const { code, stderr } = await wasmate(['deploy', `${name}.wasm`, '--wait'], { cwd })
        assert.equal(code, 0, stderr)
      }
    })

    after(async () => {
      await running.stop()
      await rm(cwd, { recursive: true, force: true })
    })

    const post = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(base + path, { method: 'POST', ...init })

    const counted = async (name: string): Promise<number> => {
      const { samples } = parseExposition(await (await fetch(`${base}/metrics`)).text())
      return samples.get(name) ?? 0
    }

    test('the one default function answers at the root, and POST alone', async () => {
      const response = await post('/', { body: 'x' })
      assert.deepEqual([response.status, await response.text()], [200, 'hello'])
      assert.match(response.headers.get('wasmate-cid') ?? '', /^bafk/)
      const refused = await fetch(`${base}/`)
      assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'POST'])
    })

    test('health and metrics are told to GET and HEAD, and to nothing else', async () => {
      for (const path of ['/healthz', '/metrics', '/functions']) {
        const [got, head, refused] = await Promise.all([
          fetch(base + path),
          fetch(base + path, { method: 'HEAD' }),
          post(path),
        ])
        assert.deepEqual([got.status, head.status, refused.status], [200, 200, 405], path)
        assert.ok((await got.text()).length > 0)
        assert.equal(await head.text(), '')
        assert.equal(refused.headers.get('allow'), 'GET, HEAD')
      }
      assert.deepEqual(await (await fetch(`${base}/healthz`)).json(), { status: 'ok' })
      assert.equal((await fetch(`${base}/elsewhere`)).status, 404)
    })

    test('a name may come percent-encoded, and a body over the limit is a 413', async () => {
      assert.equal(await (await post('/functions/%68ello/hell%6F')).text(), 'hello')
      assert.equal((await post('/functions/hello', { body: 'x'.repeat(1000) })).status, 200)
      const large = await post('/functions/hello', { body: 'x'.repeat(1001) })
      assert.equal(large.status, 413)
      assert.equal(await (await post('/functions/hello')).text(), 'hello')
    })

    test('a function has the Idempotency-Key of its call as config, and none when there is none', async () => {
      const keys = Array.from({ length: 8 }, (_, index) => (index % 3 === 0 ? '' : `"key ${index}"`))
      const ask = async (key: string): Promise<string> => {
        const headers: HeadersInit = key ? { 'Idempotency-Key': key } : {}
        return (await post('/functions/tool/key', { headers })).text()
      }
      // Four may wait at one time here.
      for (const some of [keys.slice(0, 4), keys.slice(4)]) {
        assert.deepEqual(await Promise.all(some.map(ask)), some)
      }
    })

    test('metrics count each call by function and outcome, right after it', async () => {
      const ok = 'wasmate_calls_total{function="hello",outcome="ok"}'
      const unknown = 'wasmate_calls_total{function="(unknown)",outcome="FUNCTION_NOT_FOUND"}'
      const timed = 'wasmate_call_duration_seconds_count{function="hello"}'
      const before = await Promise.all([ok, unknown, timed].map(counted))
      for (let index = 0; index < 7; index++) assert.equal((await post('/functions/hello')).status, 200)
      for (let index = 0; index < 3; index++) assert.equal((await post(`/functions/no-${index}`)).status, 404)
      const later = await Promise.all([ok, unknown, timed].map(counted))
      assert.deepEqual(
        later.map((count, index) => count - (before[index] ?? 0)),
        [7, 3, 7],
      )
      const answer = await fetch(`${base}/metrics`)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
      const { types } = parseExposition(await answer.text())
      assert.equal(types.get('wasmate_calls_total'), 'counter')
      assert.equal(types.get('wasmate_call_duration_seconds'), 'histogram')
      assert.equal(types.get('wasmate_workers'), 'gauge')
      assert.ok((await counted('wasmate_scaling_decisions_total{decision="start",cause="ahead"}')) > 0)
    })

    test('past the queue a call is told to come again, and all that were taken are answered', async () => {
      const refusedBefore = await counted(
        'wasmate_scaling_decisions_total{decision="refuse",cause="queue_full"}',
      )
      const answers = await Promise.all(Array.from({ length: 12 }, () => post('/functions/tool/nap')))
      const refused = answers.filter(({ status }) => status === 503)
      const taken = answers.filter(({ status }) => status === 200)
      assert.equal(refused.length + taken.length, 12)
      assert.ok(taken.length >= 4 && refused.length > 0, `${taken.length} were answered`)
      for (const response of taken) assert.equal(await response.text(), 'rested')
      for (const response of refused) {
        assert.equal(response.headers.get('retry-after'), '1')
        assert.equal(((await response.json()) as { code: string }).code, 'QUEUE_FULL')
      }
      const refusals = await counted('wasmate_scaling_decisions_total{decision="refuse",cause="queue_full"}')
      assert.equal(refusals - refusedBefore, refused.length)
    })

    test('the call of a client that went away is ended before its limit', async () => {
      const gone = new AbortController()
      const asked = post('/functions/tool/spin', { signal: gone.signal })
      await until(async () => (await counted('wasmate_workers{state="running"}')) === 1)
      gone.abort()
      await assert.rejects(asked, { name: 'AbortError' })
      const name = 'wasmate_calls_total{function="tool",outcome="CANCELLED"}'
      await until(async () => (await counted(name)) === 1)
      // One thread a function: this answers when the other call is gone.
      assert.equal(await (await post('/functions/tool/quick')).text(), 'quick')
      assert.equal(await counted('wasmate_workers{state="running"}'), 0)
    })

    test('a stop lets the call in hand be answered, and takes no new one', async () => {
      const slow = post('/functions/tool/nap')
      await until(async () => (await counted('wasmate_workers{state="running"}')) === 1)
      const [down, answer] = await Promise.all([wasmate(['down'], { cwd }), slow])
      assert.deepEqual([answer.status, await answer.text()], [200, 'rested'])
      assert.equal(down.code, 0, down.stderr)
      await assert.rejects(post('/functions/hello'))
    })
  })
}
