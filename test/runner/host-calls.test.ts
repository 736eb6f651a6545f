// What a traced call tells of its host calls: which, in which order, in short, and nothing secret.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { HostCall } from '../../src/host-trace.ts'
import { CallError } from '../../src/runner/runner.ts'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { compileAssemblyScript, compileC } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'

const hostFunctions = fileURLToPath(new URL('../fixtures/host-functions.mjs', import.meta.url))

const plugin = await compileAssemblyScript(assemblyScriptPlugin)
const system = await compileC(`
#define USER(name) __attribute__((import_module("extism:host/user"), import_name(#name)))
USER(shout) u64 user_shout(u64); USER(add) u64 user_add(u64, u64); USER(refuse) u64 user_refuse(void);
WASI(clock_time_get) u32 clock_time_get(u32, u64, u64 *);
WASI(random_get) u32 random_get(void *, u32);
static u64 now; static u8 noise[16];
EXPORT(all) int all(void) { clock_time_get(0, 1, &now); random_get(noise, 16); user_shout(text("psst")); return 0; }
EXPORT(refused) int refused(void) { user_refuse(); return 0; }
EXPORT(many) int many(void) { for (int i = 0; i < 1000; i++) host_log_info(text("again")); return 0; }
EXPORT(wide) int wide(void) { char s[101]; for (int i = 0; i < 100; i++) s[i] = 'w'; s[100] = 0;
  u64 h = text(s); for (int i = 0; i < 300; i++) host_var_get(h); return 0; }
EXPORT(fetch) int fetch(void) { u64 n = host_input_length(); u64 h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i));
  host_http_request(h, 0); return 0; }
`)

/** Without its times. */
const brief = ({ kind, name, asked, answered, failed }: HostCall): unknown[] =>
  [kind, name, asked, answered, failed].slice(0, failed ? 5 : answered === undefined ? 3 : 4)

test('vars, logs and config are told in their order, and what the config says is not', async (t) => {
  const { invoke } = await startRunner(t, { plugin })
  const calls = async (name: string, input = ''): Promise<unknown[]> => {
    const options = { config: { key: 'a secret' } }
    const { host } = await invoke({ export: name, input, options, trace: true })
    return (host?.calls ?? []).map(brief)
  }
  assert.deepEqual(await calls('count'), [
    ['var', 'var_get', 'n'],
    ['var', 'var_set', 'n = 1'],
  ])
  assert.deepEqual((await calls('count'))[0], ['var', 'var_get', 'n', '1'])
  assert.deepEqual(await calls('setting', 'key'), [['config', 'config_get', 'key', '•••']])
  assert.deepEqual(await calls('setting', 'other'), [['config', 'config_get', 'other']])
  assert.deepEqual((await calls('logs'))[3], ['log', 'log_error', 'e'])
})

test('clocks, random bytes and functions of the embedder are told, with when and how long', async (t) => {
  const { invoke } = await startRunner(t, { plugin: system }, { hostFunctions })
  const { host, durationMs } = await invoke({ export: 'all', trace: true })
  assert.deepEqual(host?.calls.map(brief), [
    ['clock', 'clock_time_get', undefined],
    ['random', 'random_get', '16 B'],
    ['function', 'shout', 'psst', 'PSST'],
  ])
  const times = host?.calls.map(({ atMs }) => atMs) ?? []
  assert.deepEqual(
    [...times].sort((a, b) => a - b),
    times,
  )
  for (const { atMs, tookMs } of host?.calls ?? []) assert.ok(atMs >= 0 && tookMs >= 0 && atMs <= durationMs)
})

test('a call that fails tells what it asked until then', async (t) => {
  const { invoke } = await startRunner(t, { plugin: system }, { hostFunctions })
  const error: unknown = await invoke({ export: 'refused', trace: true }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CallError)
  assert.deepEqual(error.call.host?.calls.map(brief), [
    ['function', 'refuse', '', 'host function refuse: not today', true],
  ])
})

test('a request is told by its method, host and path, without what can be a secret', async (t) => {
  const server = createServer((_request, response) => response.writeHead(201).end('made'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { invoke } = await startRunner(t, { plugin: system }, { hostFunctions })
  const url = `http://me:password@127.0.0.1:${port}/path?token=secret`
  const request = { url, headers: { authorization: 'secret' } }
  const options = { allowedHosts: ['127.0.0.1'] }
  const input = JSON.stringify(request).replace('me:password@', '')
  const { host } = await invoke({ export: 'fetch', input, options, trace: true })
  assert.deepEqual(host?.calls.map(brief), [
    ['http', 'http_request', `GET http://127.0.0.1:${port}/path?•••`, '201 · 4 B'],
  ])
  const error: unknown = await invoke({
    ...{ export: 'fetch', input: JSON.stringify(request), trace: true },
  }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CallError)
  assert.doesNotMatch(JSON.stringify(error.call.host), /password|secret/)
})

test('of very many only the first are kept, and the others are counted', async (t) => {
  const { invoke } = await startRunner(t, { plugin: system }, { hostFunctions })
  const many = (await invoke({ export: 'many', trace: true })).host
  assert.ok(many && many.calls.length > 150 && many.calls.length <= 200)
  assert.equal(many.calls.length + many.dropped, 1_000)
  const wide = (await invoke({ export: 'wide', trace: true })).host
  assert.ok(wide && wide.calls.length < 200 && wide.calls.length + wide.dropped === 300)
  assert.ok(JSON.stringify(wide.calls).length < 17 * 1024)
})

test('only calls that are to be traced are, whatever runs in the same batch', async (t) => {
  const { invoke } = await startRunner(t, { plugin }, { maxWorkers: 1 })
  await invoke({ export: 'logs' })
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => invoke({ export: 'logs', trace: index % 7 === 0 })),
  )
  for (const [index, { host, logs }] of answers.entries()) {
    assert.equal(host?.calls.length, index % 7 === 0 ? 4 : undefined, `${index}`)
    assert.equal(logs.length, 4)
  }
})
