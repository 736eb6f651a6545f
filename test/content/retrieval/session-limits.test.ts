// Where a session ends: its limits, its signal, and a reader that is slow.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { RetrievalSession } from '../../../src/content/retrieval/session.ts'
import type { SessionEvent } from '../../../src/content/retrieval/session-event.ts'
import { addBytes, collectAll, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { sendPart, startFalseGateway } from '../../helpers/gateways.ts'
import { startRelay } from '../../helpers/relay.ts'

import { fetchAll, mebibyte } from './sessions.ts'

test('bytes and blocks are limited', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(5 * mebibyte))
  const gateways = [await startGateway(t, node)]
  await assert.rejects(fetchAll(t, cid, gateways, { maxBytes: 3 * mebibyte }), {
    code: 'CONTENT_TOO_LARGE',
    message: /the limit is 3145728/,
  })
  await assert.rejects(fetchAll(t, cid, gateways, { maxBlocks: 5 }), {
    code: 'CONTENT_TOO_LARGE',
    message: /more than 5 blocks/,
  })
  assert.equal((await fetchAll(t, cid, gateways, { maxBlocks: 6 })).cids.length, 6)
})

test('a session that is closed or cancelled gives nothing more, and leaves no request', async (t) => {
  const node = await startNode(t)
  const root = parseCid(await addBytes(node, madeBytes(5 * mebibyte)))
  const cut = new Promise<void>((resolve) => {
    void startFalseGateway(t, async (response, asked, request) => {
      response.on('close', resolve)
      await sendPart(node, 0.5, 'hang')(response, asked, request)
    }).then(async ({ url }) => {
      const ask = { root, segments: [], scope: 'all' as const }
      const session = new RetrievalSession({ ask, gateways: [url], routers: [], maxBytes: 64 * mebibyte })
      const walk = walkDag(session, root)
      await walk.next()
      const waiting = collectAll(walk)
      setTimeout(() => void session.close(), 50)
      await assert.rejects(waiting, { code: 'CANCELLED' })
      await assert.rejects(session.get(root), { code: 'CANCELLED' })
    })
  })
  await cut
})

test('a slow reader does not make a gateway silent', async (t) => {
  const node = await startNode(t)
  const root = parseCid(await addBytes(node, madeBytes(5 * mebibyte)))
  const events: SessionEvent[] = []
  const session = new RetrievalSession({
    ask: { root, segments: [], scope: 'all' },
    gateways: [await startGateway(t, node)],
    routers: [],
    maxBytes: 64 * mebibyte,
    silenceMs: 1_000,
    onEvent: (event) => events.push(event),
  })
  t.after(() => session.close())
  for await (const { cid } of walkDag(session, root)) {
    if (cid.equals(root)) await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
  assert.ok(!events.some(({ kind }) => kind === 'failed'))
})

test('requests carry the id that they were given', async (t) => {
  const node = await startNode(t)
  const ids: (string | string[] | undefined)[] = []
  const relay = await startRelay(t, await startGateway(t, node), {
    answer: (request) => {
      ids.push(request.headers['x-request-id'])
      return false
    },
  })
  const cid = await addBytes(node, madeBytes(100))
  await fetchAll(t, cid, [relay.url], { requestId: 'trace-7' })
  await fetchAll(t, cid, [relay.url], { requestId: 'split\r\nheader: x' })
  assert.deepEqual(ids, ['trace-7', undefined])
})
