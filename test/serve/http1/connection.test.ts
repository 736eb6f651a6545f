// What a client observes of requests and replies on a connection: what arrives, in which order, how framed.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createHead } from '../../../src/serve/http1/head.ts'
import type { Http1Request } from '../../../src/serve/http1/request.ts'
import {
  Wire,
  echo,
  exchange,
  get,
  hold,
  host,
  last,
  parsers,
  post,
  serve,
  statusesOf,
  waitFor,
} from './wire.ts'

const text = createHead(200, [['Content-Type', 'text/plain']])

for (const parser of parsers) {
  suite(`a connection, ${parser}`, { timeout: 60_000 }, () => {
    test('method, target, headers and body arrive as sent (9110 5)', async (t) => {
      const { port, requests } = await serve(t, parser)
      const sent = `PUT /a%20b?c=d HTTP/1.1\r\nHost: localhost:1\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`
      const [reply] = await exchange(port, sent)
      assert.equal(reply?.body, 'PUT /a%20b?c=d [abc]')
      const [request] = requests
      assert.equal(request?.header('x-one'), '1, 2')
      assert.equal(request?.header('host'), 'localhost:1')
      assert.equal(request?.header('origin'), undefined)
      const names = ['connection', 'content-length', 'host', 'x-one']
      assert.deepEqual(Object.keys(request?.headers() ?? {}).sort(), names)
    })

    test('headers cut anywhere are put together again (9112 2.2)', async (t) => {
      const { port, requests } = await serve(t, parser)
      const sent = `POST /a HTTP/1.1\r\nHost: localhost\r\nEmpty:\r\nLong-Name: long value\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`
      for (let at = 1; at < sent.length; at += 1) {
        const [reply] = await exchange(port, sent.slice(0, at), sent.slice(at))
        assert.equal(reply?.body, 'POST /a [abc]', `cut at ${at}`)
        const { host, empty, 'long-name': long } = requests.at(-1)?.headers() ?? {}
        assert.deepEqual([host, empty, long], ['localhost', '', 'long value'], `cut at ${at}`)
      }
    })

    test('an absolute target stands in for Host (9112 3.2.2)', async (t) => {
      const { port, requests } = await serve(t, parser)
      await exchange(port, `GET http://one:1/x?y HTTP/1.1\r\nHost: two\r\n\r\n${last}`)
      assert.equal(requests[0]?.target, '/x?y')
      assert.equal(requests[0]?.header('host'), 'one:1')
    })

    test('replies come in the order of the requests, the slow one first (9112 9.3.2)', async (t) => {
      const { handle, held, release } = hold()
      const { port, requests } = await serve(t, parser, { handle })
      const wire = new Wire(port)
      await wire.send(get('/held') + get('/2') + get('/3'))
      await waitFor(() => held.length === 1 && requests.length === 3)
      release()
      const bodies = (await wire.untilReplies(3)).map(({ body }) => body)
      assert.deepEqual(bodies, ['GET /held []', 'GET /2 []', 'GET /3 []'])
      await wire.destroy()
    })

    test('what is not safe waits for the reply before it (9112 9.3.2)', async (t) => {
      const { handle, held, release } = hold()
      const { port, requests } = await serve(t, parser, { handle })
      const wire = new Wire(port)
      await wire.send(post('/held', 'a') + post('/2', 'b') + get('/3') + last)
      await waitFor(() => held.length === 1)
      await exchange(port, last)
      assert.deepEqual(
        requests.map(({ target }) => target),
        ['/held', '/last'],
      )
      release()
      const bodies = (await wire.untilClosed()).map(({ body }) => body)
      assert.deepEqual(bodies, ['POST /held [a]', 'POST /2 [b]', 'GET /3 []', 'GET /last []'])
    })

    test('a thousand pipelined requests in one write are each replied to', async (t) => {
      const { port } = await serve(t, parser)
      const replies = await exchange(port, get('/1').repeat(500) + post('/2', 'xyz').repeat(500) + last)
      assert.equal(replies.length, 1_001)
      assert.ok(replies.every(({ status }) => status === 200))
      assert.equal(replies[999]?.body, 'POST /2 [xyz]')
    })

    test('HTTP/1.0 closes, unless it asks not to (9112 9.3)', async (t) => {
      const { port } = await serve(t, parser)
      const [closing] = await exchange(port, 'GET / HTTP/1.0\r\n\r\n')
      assert.equal(closing?.headers.get('connection'), 'close')
      const kept = await exchange(port, `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${last}`)
      assert.deepEqual(statusesOf(kept), [200, 200])
      assert.equal(kept[0]?.headers.get('connection')?.toLowerCase(), 'keep-alive')
    })

    test('what comes behind Connection: close is no request (9112 9.6)', async (t) => {
      const { port, requests } = await serve(t, parser)
      const replies = await exchange(port, last + get('/2'))
      assert.deepEqual(statusesOf(replies), [200])
      assert.equal(requests.length, 1)
    })

    test('HEAD is answered like GET, without the content (9110 9.3.2)', async (t) => {
      const { port } = await serve(t, parser)
      const wire = new Wire(port)
      await wire.send(`HEAD /a HTTP/1.1\r\n${host}\r\n${last}`)
      await wire.untilClosed()
      const [head, next] = wire.replies([0])
      assert.equal(head?.headers.get('content-length'), String('HEAD /a []'.length))
      assert.equal(next?.body, 'GET /last []')
    })

    test('204 and 304 have no content, and 204 no length (9110 8.6)', async (t) => {
      const handle = (request: Http1Request): void => {
        const status = Number(request.target.slice(1))
        if (status > 0) request.reply(createHead(status), 'content')
        else echo(request)
      }
      const { port } = await serve(t, parser, { handle })
      const replies = await exchange(port, get('/204') + get('/304') + last)
      assert.deepEqual(statusesOf(replies), [204, 304, 200])
      assert.equal(replies[0]?.headers.has('content-length'), false)
    })

    test('every reply has a date (9110 6.6.1)', async (t) => {
      const { port } = await serve(t, parser)
      const [reply] = await exchange(port, last)
      assert.ok(Math.abs(Date.parse(reply?.headers.get('date') ?? '') - Date.now()) < 60_000)
    })

    test('bodies of any size arrive and leave unharmed', async (t) => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))
      const { port } = await serve(t, parser, {
        handle: (request) => request.reply(text, request.body),
        limits: { maxBodyBytes: 300_000 },
      })
      for (const length of [1, 8_191, 8_192, 8_193, 65_536, 300_000]) {
        const body = bytes.subarray(0, length).toString('latin1')
        const [plain, chunked] = await exchange(
          port,
          post('/', body),
          `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n` +
            `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        )
        assert.ok(plain?.body === body && chunked?.body === body, `${length} bytes`)
      }
    })

    test('a body of one-byte chunks is a body (9112 7.1)', async (t) => {
      const { port } = await serve(t, parser)
      const body = '1\r\nx\r\n'.repeat(1_000)
      const [reply] = await exchange(
        port,
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}0\r\n\r\n`,
      )
      assert.equal(reply?.body, `POST / [${'x'.repeat(1_000)}]`)
    })

    test('a client that expects a 100 has it before it sends the body (9110 10.1.1)', async (t) => {
      const { port } = await serve(t, parser)
      const wire = new Wire(port)
      await wire.send(
        `POST / HTTP/1.1\r\n${host}Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
      )
      await wire.until(() => wire.received.includes('\r\n\r\n'))
      assert.deepEqual(statusesOf(wire.replies()), [100])
      await wire.send('hi')
      const replies = await wire.untilClosed()
      assert.deepEqual(statusesOf(replies), [100, 200])
      assert.equal(replies[1]?.body, 'POST / [hi]')
    })

    test('what the handler throws is a 500, and the connection stays', async (t) => {
      const handle = (request: Http1Request): void => {
        if (request.target === '/throw') throw new Error('on purpose')
        echo(request)
      }
      const { port } = await serve(t, parser, { handle })
      const replies = await exchange(port, get('/throw') + last)
      assert.deepEqual(statusesOf(replies), [500, 200])
      assert.match(replies[0]?.body ?? '', /on purpose/)
    })
  })
}
