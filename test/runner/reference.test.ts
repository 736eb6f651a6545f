// The same modules give the same answers here and on the Extism SDK, also when they fail.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { goPlugin } from '../helpers/go-plugin.ts'
import { listen } from '../helpers/listen.ts'
import { compileAssemblyScript, compileC, compileGo } from '../helpers/plugins.ts'
import { type Calls, compare, toHex } from '../helpers/reference.ts'

test('AssemblyScript: input, output, config, vars and errors', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  const large = Uint8Array.from({ length: 70_001 }, (_, index) => index % 251)
  const outcomes = await compare(t, bytes, [
    ['greet', 'Zoë 日本'],
    ['greet', ''],
    ['echo', Uint8Array.of(0, 255, 128, 10, 0)],
    ['echo', large],
    ['nothing', 'ignored'],
    ['plain', ''],
    ['setting', 'color'],
    ['setting', 'ключ'],
    ['setting', 'missing'],
    ['refuses', 'really'],
    ['refuses_with_zero', ''],
    ['greet', 'after an error'],
    ['too_short', ''],
  ])
  assert.deepEqual(outcomes[0], { output: toHex(Buffer.from('Hello, Zoë 日本!')) })
  assert.deepEqual(outcomes.at(-1), { trap: 'outside' })
})

test('AssemblyScript: vars within one call', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  await compare(t, bytes, [
    ['count', ''],
    ['forget', ''],
  ])
})

test('AssemblyScript: vars from call to call', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  const calls: Calls = ['count', 'count', 'count', 'forget', 'count', 'greet', 'count'].map((name) => [
    name,
    '',
  ])
  const outcomes = await compare(t, bytes, calls, { keepsVars: true })
  assert.deepEqual(outcomes.at(-1), { output: toHex('2') })
})

test('AssemblyScript: log lines, each with its level', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  const [logged, quiet] = await compare(t, bytes, [
    ['logs', ''],
    ['plain', ''],
  ])
  assert.deepEqual(logged?.logs, ['debug d', 'error e', 'info i', 'warn w'])
  assert.equal(quiet?.logs, undefined)
})

const asker = await compileC(`
  EXPORT(ask) int ask(void) {
    u64 n = host_input_length(), cut = 0;
    while (cut < n && host_input_load_u8(cut) != 10) cut++;
    u64 request = host_alloc(cut), body = 0;
    for (u64 i = 0; i < cut; i++) host_store_u8(request + i, host_input_load_u8(i));
    if (cut < n) body = host_alloc(n - cut - 1);
    for (u64 i = cut + 1; i < n; i++) host_store_u8(body + i - cut - 1, host_input_load_u8(i));
    u64 answer = host_http_request(request, body), length = host_length(answer);
    u32 status = host_http_status_code();
    u64 output = host_alloc(length + 3);
    for (int i = 2; i >= 0; i--) { host_store_u8(output + i, '0' + status % 10); status /= 10; }
    for (u64 i = 0; i < length; i++) host_store_u8(output + 3 + i, host_load_u8(answer + i));
    host_output_set(output, length + 3);
    return 0;
  }
`)

test('C: http_request, its status, and a host that is not allowed', async (t) => {
  const origin = await listen(t, (request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: '/end' }).end()
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
    request.on('end', () => {
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end(
        request.url === '/empty' ? '' : `${request.method} ${String(request.headers['x-asked'])} ${body}`,
      )
    })
  })
  const to = (path: string, more: object = {}, body = ''): [string, string] => [
    'ask',
    `${JSON.stringify({ url: origin + path, ...more })}${body && `\n${body}`}`,
  ]
  const asked = { headers: { 'x-asked': 'me' } }
  const calls = [
    to('/'),
    to('/', { method: 'GET' }, 'a GET sends none'),
    to('/', { method: 'POST', ...asked }, 'sent Zoë'),
    to('/', { method: 'PUT', header: { 'x-asked': 'as older PDKs wrote it' } }, 'put'),
    to('/', { method: 'DELETE' }),
    to('/empty'),
    to('/missing', asked),
    to('/moved', asked),
  ]
  const outcomes = await compare(t, asker, calls, { inWorker: true, allowedHosts: ['127.0.*'] })
  assert.deepEqual(outcomes[2], { output: toHex('200POST me sent Zoë') })
  assert.deepEqual(outcomes[7], { output: toHex('200GET me ') })
  for (const allowedHosts of [[], ['localhost', '*.0.0.2']]) {
    const [refused] = await compare(t, asker, [to('/')], { inWorker: true, allowedHosts })
    assert.deepEqual(refused, { refused: true })
  }
})

test('C: state of an instance, traps, stack overflow', async (t) => {
  const bytes = await compileC(`
    static int calls;
    static volatile int zero, seven = 7;
    EXPORT(calls_so_far) int calls_so_far(void) { char n[2] = "0"; n[0] += ++calls; say(n); return 0; }
    EXPORT(reverse) int reverse(void) {
      u64 n = host_input_length(), h = host_alloc(n);
      for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(n - 1 - i));
      host_output_set(h, n); return 0; }
    EXPORT(recurse) __attribute__((noinline)) int recurse(void) { volatile int x[64]; x[3] = recurse(); return x[3] + 1; }
    EXPORT(divide) int divide(void) { return seven / zero; }
    EXPORT(wild) int wild(void) { return *(volatile int *)0x7ffffff0; }
    EXPORT(stop) int stop(void) { __builtin_trap(); }
    EXPORT(setting) int setting(void) { u64 v = host_config_get(text("color")); host_output_set(v, host_length(v)); return 0; }
  `)
  await compare(t, bytes, [
    ['calls_so_far', ''],
    ['calls_so_far', ''],
    ['reverse', 'desserts'],
    ['reverse', ''],
    ['setting', ''],
    ['divide', ''],
    ['wild', ''],
    ['stop', ''],
    ['recurse', ''],
    ['reverse', 'still here'],
  ])
})

test('Go: a WASI reactor with a garbage collector', async (t) => {
  const bytes = await compileGo(goPlugin)
  await compare(t, bytes, [
    ['greet', 'Zoë'],
    ['greet', ''],
    ['calls_so_far', ''],
    ['calls_so_far', ''],
    ['refuse', ''],
    ['greet', 'again'],
  ])
})

test('Go: arguments, environment, clocks, random bytes and no files, by WASI', async (t) => {
  const [world] = await compare(t, await compileGo(goPlugin), [['world', '']])
  assert.deepEqual(world, { output: toHex('0 0 true <nil> true true true') })
})

test('Go: what it prints', async (t) => {
  const [printed] = await compare(t, await compileGo(goPlugin), [['prints', '']])
  assert.deepEqual(printed?.logs, ['error three', 'info one', 'info two'])
})
