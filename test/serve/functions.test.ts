// What a client of the function server observes, and what a stranger to it does.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, suite, test } from 'node:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

interface Problem {
  type: string
  code: string
  status: number
  detail: string
  next: string
}

suite('functions over HTTP', () => {
  let cwd: string
  let running: Running
  let base: string

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    running = await up({ cwd, args: ['--set', 'serve.maxBodyBytes=1000'] })
    base = running.state.urls.functions
    await chainIs(running.state, 'ready')
    await wasmate(['new', 'hello'], { cwd })
    const { code, stderr } = await wasmate(['deploy', 'hello', '--wait'], { cwd })
    assert.equal(code, 0, stderr)
  })

  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const post = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(base + path, { method: 'POST', ...init })

  const problemOf = async (response: Response): Promise<Problem> => {
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    const problem = (await response.json()) as Problem
    assert.equal(problem.status, response.status)
    assert.equal(problem.type, `urn:wasmate:error:${problem.code}`)
    assert.ok(problem.next.length > 0)
    return problem
  }

  test('a call by name and one by name and export answer with the bytes and their CID', async () => {
    for (const path of ['/functions/hello', '/functions/hello/hello']) {
      const response = await post(path, { body: 'Zoë' })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('wasmate-cid') ?? '', /^bafk/)
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
      assert.equal(await response.text(), 'Hello, Zoë!')
    }
  })

  test('the body is the input, whatever its content type, and may be empty', async () => {
    for (const type of ['application/json', 'foo', 'text/plain; charset=latin1']) {
      const response = await post('/functions/hello', { body: 'x', headers: { 'content-type': type } })
      assert.equal(await response.text(), 'Hello, x!', type)
    }
    assert.equal(await (await post('/functions/hello')).text(), 'Hello, world!')
  })

  test('what answers is listed', async () => {
    const { functions } = (await (await fetch(`${base}/functions`)).json()) as {
      functions: { name: string }[]
    }
    assert.deepEqual(
      functions.map(({ name }) => name),
      ['hello'],
    )
  })

  test('an unknown name, also one that every object has, is a 404 that says what to do', async () => {
    for (const name of ['nobody', 'constructor', '__proto__', 'a%2Fb']) {
      const problem = await problemOf(await post(`/functions/${name}`))
      assert.deepEqual([problem.status, problem.code], [404, 'FUNCTION_NOT_FOUND'], name)
    }
    const problem = await problemOf(await post('/functions/hello/nothing'))
    assert.equal(problem.code, 'EXPORT_NOT_FOUND')
    assert.match(problem.detail, /hello/)
  })

  test('what is no CID, or one that nobody has, is told apart', async () => {
    const none = `/functions/${'x'.repeat(40)}`
    assert.equal((await problemOf(await post(none))).code, 'CID_INVALID')
    const unpinned = '/functions/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    assert.equal((await problemOf(await post(unpinned))).code, 'GATEWAYS_FAILED')
  })

  // RFC 9110 section 15.5.6
  test('another method is refused with the one that is allowed', async () => {
    const response = await fetch(`${base}/functions/hello`)
    assert.equal(response.headers.get('allow'), 'POST')
    assert.equal((await problemOf(response)).code, 'METHOD_REFUSED')
  })

  test('nothing answers at the root unless a setting names the one default function', async () => {
    assert.equal((await problemOf(await post('/'))).code, 'ROUTE_NOT_FOUND')
    assert.equal((await problemOf(await fetch(base))).code, 'ROUTE_NOT_FOUND')
  })

  test('a body over the limit and a path that can not be decoded are problems as well', async () => {
    const large = await problemOf(await post('/functions/hello', { body: 'x'.repeat(1001) }))
    assert.deepEqual([large.status, large.code], [413, 'BODY_TOO_LARGE'])
    assert.equal((await problemOf(await post('/functions/%zz'))).status, 400)
  })

  test('a page from elsewhere, or under another name of this machine, is refused; one from here is not', async () => {
    const refused = await post('/functions/hello', { headers: { origin: 'https://example.com' } })
    assert.equal((await problemOf(refused)).code, 'ORIGIN_REFUSED')
    const own = await post('/functions/hello', { headers: { origin: 'http://localhost:3000' } })
    assert.equal(own.status, 200)
    assert.equal(await statusWithHost(base, 'rebound.example.com'), 403)
    assert.equal(await statusWithHost(base, 'LOCALHOST:1'), 200)
  })

  test('the control API answers to its token alone, and to no page at all', async () => {
    const { control } = running.state.urls
    const authorization = `Bearer ${running.state.token}`
    for (const wrong of ['', 'Bearer wrong', running.state.token]) {
      const headers = { authorization: wrong }
      assert.equal((await problemOf(await fetch(`${control}/status`, { headers }))).code, 'UNAUTHORIZED')
    }
    const page = await fetch(`${control}/status`, {
      headers: { authorization, origin: 'http://localhost:3000' },
    })
    assert.equal((await problemOf(page)).code, 'ORIGIN_REFUSED')
    assert.equal((await fetch(`${control}/status`, { headers: { authorization } })).status, 200)
  })

  test('the token is in no line of the log', async () => {
    const log = await readFile(join(cwd, '.wasmate', 'emulator.log'), 'utf8')
    assert.ok(!log.includes(running.state.token))
  })
})

/** fetch sets Host by itself: this one is as a page gets to send it after DNS rebinding. */
function statusWithHost(base: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${base}/functions/hello`, { method: 'POST', headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.once('error', reject)
    asked.end()
  })
}
