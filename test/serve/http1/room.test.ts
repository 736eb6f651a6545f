// All bodies that are held together have a limit, whoever sent them and however far they have come.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Http1Request } from '../../../src/serve/http1/request.ts'
import { until } from '../../helpers/until.ts'
import { Wire, echo, exchange, host, parsers, serve, statusesOf } from './wire.ts'

const limits = { maxBodyBytes: 1_000, maxHeldBytes: 2_000 }

const post = (bytes: number, sent = bytes): string =>
  `POST /x HTTP/1.1\r\n${host}Connection: close\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(sent)}`

for (const parser of parsers) {
  suite(`room for bodies, ${parser}`, { timeout: 60_000 }, () => {
    test('one that does not fit beside those in hand is a 503, and fits when they are answered', async (t) => {
      const held: Http1Request[] = []
      const hold = (request: Http1Request): void => void held.push(request)
      const { port } = await serve(t, parser, { limits, handle: hold })
      const first = [800, 900].map((bytes) => exchange(port, post(bytes)))
      await until(async () => held.length === 2)
      assert.deepEqual(statusesOf(await exchange(port, post(400))), [503])
      const fits = exchange(port, post(300))
      await until(async () => held.length === 3)
      held.splice(0).forEach(echo)
      assert.deepEqual((await Promise.all([...first, fits])).map(statusesOf), [[200], [200], [200]])
      const again = [900, 900].map((bytes) => exchange(port, post(bytes)))
      await until(async () => held.length === 2)
      held.forEach(echo)
      assert.deepEqual((await Promise.all(again)).map(statusesOf), [[200], [200]])
    })

    test('what came of a body counts, until its client goes away', async (t) => {
      const { port, server } = await serve(t, parser, { limits })
      const wires = [1, 2].map(() => new Wire(port))
      for (const wire of wires) await wire.send(post(1_000, 900))
      await until(async () => statusesOf(await exchange(port, post(300)))[0] === 503)
      for (const wire of wires) wire.socket.destroy()
      await until(async () => server.connections === 0)
      assert.deepEqual(statusesOf(await exchange(port, post(1_000))), [200])
    })

    test('bodies one after the other on one connection take room for one', async (t) => {
      const { port } = await serve(t, parser, { limits })
      const wire = new Wire(port)
      const kept = `POST /x HTTP/1.1\r\n${host}Content-Length: 900\r\n\r\n${'x'.repeat(900)}`
      await wire.send(kept.repeat(20) + post(900))
      assert.deepEqual(
        statusesOf(await wire.untilClosed()),
        Array.from({ length: 21 }, () => 200),
      )
    })
  })
}
