// How long the server waits for slow clients, and how much it keeps for those that do not read.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { createHead } from '../../../src/serve/http1/head.ts'
import type { Http1Request } from '../../../src/serve/http1/request.ts'
import { Wire, echo, exchange, get, host, last, parsers, serve, statusesOf } from './wire.ts'

const large = createHead(200)

for (const parser of parsers) {
  suite(`patience, ${parser}`, { timeout: 60_000 }, () => {
    test('headers that do not end are a 408 (9110 15.5.9)', async (t) => {
      const { port } = await serve(t, parser, { limits: { headersTimeoutMs: 100, bodyTimeoutMs: 100 } })
      assert.deepEqual(statusesOf(await exchange(port, 'GET / HTTP/1.1\r\nHos')), [408])
    })

    test('a body that does not end is a 408 (9110 15.5.9)', async (t) => {
      const { port } = await serve(t, parser, { limits: { headersTimeoutMs: 100, bodyTimeoutMs: 100 } })
      const sent = `POST / HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nabc`
      assert.deepEqual(statusesOf(await exchange(port, sent)), [408])
    })

    test('headers that come a byte at a time are cut off all the same', async (t) => {
      const { port } = await serve(t, parser, { limits: { headersTimeoutMs: 100, bodyTimeoutMs: 100 } })
      const wire = new Wire(port)
      await wire.send('GET / HTTP/1.1\r\nX: ')
      const drip = setInterval(() => void wire.send('y'), 10)
      const replies = await wire.untilClosed()
      clearInterval(drip)
      assert.deepEqual(statusesOf(replies), [408])
    })

    test('an idle connection is closed without a word (9112 9.5)', async (t) => {
      const { port } = await serve(t, parser, { limits: { idleTimeoutMs: 100 } })
      assert.deepEqual(statusesOf(await exchange(port, get('/'))), [200])
    })

    test('a handler may take longer than any of that', async (t) => {
      const patience = { headersTimeoutMs: 50, bodyTimeoutMs: 50, idleTimeoutMs: 50, writeStallMs: 50 }
      const { port } = await serve(t, parser, {
        limits: patience,
        handle: (request) => setTimeout(() => echo(request), 1_000),
      })
      assert.deepEqual(statusesOf(await exchange(port, last)), [200])
    })

    test('a client that does not read is dropped, and no more is made for it', async (t) => {
      const body = Buffer.alloc(1_000_000, 'x')
      const { port, server, requests } = await serve(t, parser, {
        limits: { writeStallMs: 300, maxPipelined: 8 },
        handle: (request) => request.reply(large, body),
      })
      const wire = new Wire(port)
      wire.socket.pause()
      await once(wire.socket, 'connect')
      await wire.send(get('/').repeat(1_000))
      while (requests.length === 0 || server.connections > 0)
        await new Promise((resolve) => setTimeout(resolve, 5))
      // What the kernel takes is replied to; of the thousand megabytes asked for, little is made.
      assert.ok(requests.length < 60, `${requests.length} replies were made`)
      await wire.destroy()
    })

    test('a client that reads slowly is served to the end', async (t) => {
      const body = Buffer.alloc(20_000_000, 'x')
      const { port } = await serve(t, parser, {
        limits: { writeStallMs: 500 },
        handle: (request) => request.reply(large, body),
      })
      const wire = new Wire(port)
      const slow = setInterval(
        () => (wire.socket.isPaused() ? wire.socket.resume() : wire.socket.pause()),
        10,
      )
      await wire.send(last)
      const [reply] = await wire.untilClosed()
      clearInterval(slow)
      assert.equal(reply?.body.length, body.length)
    })

    test('connections over the limit are closed, and those within it served', async (t) => {
      const { port } = await serve(t, parser, { limits: { maxConnections: 2 } })
      const kept = [new Wire(port), new Wire(port)]
      for (const wire of kept) {
        await wire.send(get('/'))
        await wire.untilReplies(1)
      }
      assert.deepEqual(await exchange(port, get('/')), [])
      for (const wire of kept) {
        await wire.send(last)
        assert.deepEqual(statusesOf(await wire.untilClosed()), [200, 200])
      }
    })
  })
}

// node:http takes the end of what a client sends for the end of the client, and what it sends for a sign that
// it reads: these hold for llhttp alone.
suite('half-closed and half-dead connections, llhttp', { timeout: 60_000 }, () => {
  test('a client that does not read is dropped even if it sends on and on', async (t) => {
    const { port, server, requests } = await serve(t, 'llhttp', {
      limits: { writeStallMs: 300 },
      handle: (request) => request.reply(large, Buffer.alloc(30_000_000)),
    })
    const wire = new Wire(port)
    wire.socket.pause()
    await wire.send(last)
    const sending = setInterval(() => void wire.send('x'), 20)
    while (requests.length === 0 || server.connections > 0)
      await new Promise((resolve) => setTimeout(resolve, 5))
    clearInterval(sending)
    await wire.destroy()
  })

  test('a client that has sent its last byte is replied to (9112 9.6)', async (t) => {
    const { port, server } = await serve(t, 'llhttp', {
      handle: (request) => setTimeout(() => echo(request), 50),
    })
    const wire = new Wire(port)
    wire.socket.end(get('/1') + get('/2'))
    const replies = await wire.untilClosed()
    assert.deepEqual(
      replies.map(({ body }) => body),
      ['GET /1 []', 'GET /2 []'],
    )
    assert.equal(replies[1]?.headers.get('connection'), 'close')
    while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  test('one that waits for long is replied to as well, after a 100 or two (9110 15.2)', async (t) => {
    const { port } = await serve(t, 'llhttp', {
      limits: { idleTimeoutMs: 40 },
      handle: (request) => setTimeout(() => echo(request), 500),
    })
    const wire = new Wire(port)
    wire.socket.end(`POST / HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhi`)
    const replies = await wire.untilClosed()
    assert.deepEqual(statusesOf(replies), [100, 100, 200])
    assert.equal(replies[2]?.body, 'POST / [hi]')
  })

  test('one that is gone altogether is told from it', async (t) => {
    const requests: Http1Request[] = []
    const { port } = await serve(t, 'llhttp', {
      limits: { idleTimeoutMs: 40 },
      handle: (request) => requests.push(request),
    })
    const wire = new Wire(port)
    await wire.send(get('/'))
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const gone = new Promise<void>((resolve) => requests[0]?.onGone(resolve))
    // An ordinary close, as of a browser or curl: its FIN looks like that of a half-closed connection.
    await wire.destroy()
    await gone
  })
})
