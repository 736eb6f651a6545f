// What happens when a request is refused, a client goes away, or the server stops.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { createHead } from '../../../src/serve/http1/head.ts'
import {
  Wire,
  echo,
  exchange,
  get,
  hold,
  host,
  last,
  limits,
  parsers,
  post,
  serve,
  statusesOf,
  waitFor,
} from './wire.ts'

const text = createHead(200, [['Content-Type', 'text/plain']])

for (const parser of parsers) {
  suite(`refusals and departures, ${parser}`, { timeout: 60_000 }, () => {
    test('a refusal says why, as problem+json', async (t) => {
      const { port } = await serve(t, parser)
      const [reply] = await exchange(port, get('/').replace(host, ''))
      assert.equal(reply?.headers.get('content-type'), 'application/problem+json')
      assert.equal(reply?.headers.get('connection'), 'close')
      assert.deepEqual(JSON.parse(reply?.body ?? ''), {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'No Host header',
      })
    })

    test('a refused request leaves the replies before it as they are', async (t) => {
      const { handle, held, release } = hold()
      const { port } = await serve(t, parser, { handle })
      const wire = new Wire(port)
      await wire.send(`${get('/held')}GET / HTTP/1.1\r\n\r\n`)
      await waitFor(() => held.length === 1)
      release()
      assert.deepEqual(statusesOf(await wire.untilClosed()), [200, 400])
    })

    test('a request cut short by its sender is a 400 or nothing (9112 8)', async (t) => {
      const { port, requests } = await serve(t, parser)
      for (const sent of ['GET / HT', `POST / HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nabc`]) {
        const wire = new Wire(port)
        await once(wire.socket, 'connect')
        await wire.send(sent)
        wire.socket.end()
        const statuses = statusesOf(await wire.untilClosed())
        assert.ok(statuses.every((status) => status === 400))
      }
      assert.equal(requests.length, 0)
    })

    test('a client that goes away is told of once, and its late reply is dropped', async (t) => {
      const { handle, held } = hold()
      const { port, server } = await serve(t, parser, { handle })
      const wire = new Wire(port)
      await wire.send(post('/held', 'x'))
      await waitFor(() => held.length === 1)
      let told = 0
      held[0]?.onGone(() => (told += 1))
      wire.socket.resetAndDestroy()
      await waitFor(() => server.connections === 0)
      assert.equal(told, 1)
      held[0]?.reply(text, 'late')
      assert.equal(told, 1)
      assert.deepEqual(statusesOf(await exchange(port, last)), [200])
    })

    test('clients that go away at any point harm nobody', async (t) => {
      const { port, server } = await serve(t, parser, {
        handle: (request) => setImmediate(() => echo(request)),
      })
      const sent = post('/x', 'hello') + get('/y') + post('/z', 'again')
      for (let at = 1; at <= sent.length; at += 3) {
        const wire = new Wire(port)
        await wire.send(sent.slice(0, at))
        if (at % 2 === 0) wire.socket.resetAndDestroy()
        else wire.socket.destroy()
      }
      await waitFor(() => server.connections === 0)
      assert.deepEqual(statusesOf(await exchange(port, last)), [200])
    })

    test('a reply given twice is the fault of who gives it', async (t) => {
      const { port, requests } = await serve(t, parser)
      await exchange(port, last)
      assert.throws(() => requests[0]?.reply(text, ''), /twice/)
    })
  })

  suite(`stopping, ${parser}`, { timeout: 60_000 }, () => {
    test('idle connections close, requests in hand are replied to with Connection: close', async (t) => {
      const { handle, held, release } = hold()
      const { port, server } = await serve(t, parser, { handle })
      const idle = new Wire(port)
      await idle.send(get('/1'))
      await idle.untilReplies(1)
      const busy = new Wire(port)
      await busy.send(post('/held', 'x'))
      await waitFor(() => held.length === 1)
      const closed = server.close({ graceMs: 30_000 })
      await idle.untilClosed()
      release()
      const [reply] = await busy.untilClosed()
      assert.equal(reply?.body, 'POST /held [x]')
      assert.equal(reply?.headers.get('connection'), 'close')
      await closed
      assert.equal(server.connections, 0)
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
    })

    test('what is left after the grace is destroyed, and its handler told', async (t) => {
      const { handle, held } = hold()
      const { port, server } = await serve(t, parser, { handle })
      const wire = new Wire(port)
      await wire.send(get('/held'))
      await waitFor(() => held.length === 1)
      let told = 0
      held[0]?.onGone(() => (told += 1))
      await Promise.all([server.close({ graceMs: 1 }), server.close({ graceMs: 1 })])
      assert.equal(told, 1)
      assert.equal(server.connections, 0)
      await server.close({ graceMs: 1 })
    })

    test('a server that never listened, or could not, closes all the same', async (t) => {
      const { port } = await serve(t, parser)
      const { createHttp1 } = await import('../../../src/serve/http1/server.ts')
      const options = { parser, limits, handle: echo }
      const taken = createHttp1(options)
      await assert.rejects(taken.listen(port, '127.0.0.1'), { code: 'EADDRINUSE' })
      await taken.close({ graceMs: 1 })
      const closed = createHttp1(options)
      await closed.close({ graceMs: 1 })
      await assert.rejects(closed.listen(0, '127.0.0.1'), { code: 'CANCELLED' })
    })
  })
}
