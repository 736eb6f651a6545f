// http_request of a function, against a server of this test.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen } from '../helpers/listen.ts'
import { compileC } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'

const plugin = await compileC(`
  HOST(http_headers) u64 host_http_headers(void);
  static u64 whole_input(void) { u64 n = host_input_length(), h = host_alloc(n);
    for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i)); return h; }
  EXPORT(get) int get(void) { u64 h = host_http_request(whole_input(), 0); host_output_set(h, host_length(h));
    return host_http_status_code() == 200 ? 0 : host_http_status_code(); }
  EXPORT(post) int post(void) { u64 h = host_http_request(whole_input(), text("sent body")); host_output_set(h, host_length(h)); return 0; }
  EXPORT(headers) int headers(void) { host_http_request(whole_input(), 0); u64 h = host_http_headers(); host_output_set(h, host_length(h)); return 0; }
`)

const options = { allowedHosts: ['127.0.0.1'] }

test('no host is allowed unless it is named', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  const origin = await listen(t, (_request, response) => response.end('reached'))
  const input = JSON.stringify({ url: origin })
  assert.equal(
    await fail({ export: 'get', input }),
    'CALL_FAILED: http_request to 127.0.0.1 is refused: allowedHosts in wasmate.json allows none',
  )
  assert.match(await fail({ export: 'get', input, options: { allowedHosts: ['*.org'] } }), /allows \*\.org$/)
  assert.equal(await ask({ export: 'get', input, options }), 'reached')
  assert.equal(await ask({ export: 'get', input, options: { allowedHosts: ['127.*'] } }), 'reached')
})

test('method, headers and body arrive; status, headers and body come back', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  const origin = await listen(t, (request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => {
      response.setHeader('x-answer', 'yes')
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end(`${request.method} ${String(request.headers['x-asked'] ?? '-')} ${body}`)
    })
  })
  const asked = { url: origin, method: 'put', headers: { 'x-asked': 'me' } }
  assert.equal(await ask({ export: 'post', input: JSON.stringify(asked), options }), 'PUT me sent body')
  const answered = await ask({ export: 'headers', input: JSON.stringify({ url: origin }), options })
  const headers = JSON.parse(answered) as Record<string, string>
  assert.equal(headers['x-answer'], 'yes')
  const missing = JSON.stringify({ url: `${origin}/missing` })
  assert.equal(await fail({ export: 'get', input: missing, options }), 'CALL_FAILED: it returned 404')
})

test('a redirect leads only to hosts that are allowed, and not for ever', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  const origin = await listen(t, (request, response) => {
    if (request.url === '/end') return void response.end('arrived')
    const elsewhere = 'http://localhost:1/secret'
    const targets: Record<string, string> = { '/away': elsewhere, '/near': '/end', '/loop': '/loop' }
    response.writeHead(302, { location: targets[request.url ?? ''] ?? '/end' }).end()
  })
  const to = (path: string): string => JSON.stringify({ url: origin + path })
  assert.equal(await ask({ export: 'get', input: to('/near'), options }), 'arrived')
  assert.match(
    await fail({ export: 'get', input: to('/away'), options }),
    /http_request to localhost is refused/,
  )
  assert.match(await fail({ export: 'get', input: to('/loop'), options }), /more than 10 redirects/)
})

test('an answer that never comes ends with the time limit, one that is too large or breaks off fails', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  const origin = await listen(t, (request, response) => {
    if (request.url === '/hang') return
    if (request.url === '/large') return void response.end(Buffer.alloc(17 << 20))
    if (request.url === '/break') return void response.write('half', () => response.destroy())
    response.end('fine')
  })
  const to = (path: string): string => JSON.stringify({ url: origin + path })
  assert.match(
    await fail({ export: 'get', input: to('/hang'), options: { ...options, timeoutMs: 80 } }),
    /^CALL_TIMEOUT/,
  )
  assert.match(await fail({ export: 'get', input: to('/large'), options }), /^MEMORY_LIMIT: .*16777216/)
  assert.match(await fail({ export: 'get', input: to('/break'), options }), /^CALL_FAILED: http_request to/)
  assert.equal(await ask({ export: 'get', input: to('/'), options }), 'fine')
})

test('what is no request, or no http, is refused', async (t) => {
  const { fail } = await startRunner(t, { plugin })
  assert.match(
    await fail({ export: 'get', input: '{', options }),
    /^CALL_FAILED: http_request: "\{" is no request/,
  )
  const file = JSON.stringify({ url: 'file:///etc/passwd' })
  assert.match(await fail({ export: 'get', input: file, options }), /"file:.*" is no http or https URL/)
})
