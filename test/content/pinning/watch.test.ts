import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { PinningClient } from '../../../src/content/pinning/client.ts'
import type { PinState, PinStatus } from '../../../src/content/pinning/messages.ts'
import { watchPin } from '../../../src/content/pinning/watch.ts'
import { addBytes, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { type Answering, sendJson, startForeignService } from '../../helpers/foreign-service.ts'
import { originOf, startService, token } from '../../helpers/pinning.ts'

const cid = 'bafkqaaa'

function statusOf(status: PinState, info?: Record<string, unknown>): PinStatus {
  return { requestid: 'r1', status, created: '2026-01-01T00:00:00Z', pin: { cid }, delegates: [], info }
}

async function watching(
  t: TestContext,
  answer: Answering,
  signal?: AbortSignal,
): Promise<{ last: Promise<PinStatus>; told: string[]; asked: string[] }> {
  const service = await startForeignService(t, answer)
  const client = new PinningClient({ url: service.url, token })
  const told: string[] = []
  const tell = ({ status, info }: PinStatus): void => {
    told.push(info ? `${status} ${JSON.stringify(info)}` : status)
  }
  const last = watchPin(client, statusOf('queued'), { signal, tell, pauseMs: 1, maxPauseMs: 2 })
  last.catch(() => undefined)
  return { last, told, asked: service.asked }
}

/** Answers with one after the other, the last one again and again. */
function inTurn(...all: PinStatus[]): Answering {
  return (response, count) => sendJson(response, 200, all[Math.min(count, all.length - 1)])
}

test('the own service is watched until it is pinned, each status told as it was returned', async (t) => {
  const [here, there] = [await startNode(t), await startNode(t)]
  const root = await addBytes(there, madeBytes(1_500_000))
  const service = await startService(t, here)
  const client = new PinningClient({ url: service.url, token })
  const first = await client.add({ cid: root, origins: [originOf(await startGateway(t, there))] })
  const told: string[] = []
  const last = await watchPin(client, first, { tell: ({ status }) => told.push(status), pauseMs: 1 })
  assert.equal(last.status, 'pinned')
  assert.equal(told[0], 'queued')
  assert.equal(told.at(-1), 'pinned')
})

test('a change of status or of what is told with it is passed on, and the same again is not', async (t) => {
  const info = { status_details: 'Queue position: 7 of 9' }
  const answers = [
    statusOf('queued'),
    statusOf('queued', info),
    statusOf('queued', info),
    statusOf('pinning'),
  ]
  const { last, told } = await watching(t, inTurn(...answers, statusOf('pinned', { pieces: [1] })))
  assert.equal((await last).status, 'pinned')
  assert.deepEqual(told, ['queued', `queued ${JSON.stringify(info)}`, 'pinning', 'pinned {"pieces":[1]}'])
})

test('a status that goes backwards is told as it is, and the first end is the end', async (t) => {
  const { last, told } = await watching(
    t,
    inTurn(
      statusOf('pinning'),
      statusOf('queued'),
      statusOf('pinning'),
      statusOf('failed'),
      statusOf('pinned'),
    ),
  )
  assert.equal((await last).status, 'failed')
  assert.deepEqual(told, ['queued', 'pinning', 'queued', 'pinning', 'failed'])
})

test('errors that pass are waited out, at the pace that the service asks for', async (t) => {
  const { last, asked } = await watching(t, (response, count) => {
    if (count === 0) return sendJson(response, 429, { error: { reason: 'SLOW' } }, { 'retry-after': '0' })
    if (count === 1) return void response.writeHead(503).end('<html>')
    if (count === 2) return void response.destroy()
    if (count === 3) return sendJson(response, 429, {}, { 'retry-after': new Date().toUTCString() })
    sendJson(response, 200, statusOf('pinned'))
  })
  assert.equal((await last).status, 'pinned')
  assert.equal(asked.length, 5)
})

test('errors that go on end the watching with what the service said', async (t) => {
  const { last, asked } = await watching(t, (response) =>
    sendJson(response, 500, { error: { reason: 'DOWN' } }),
  )
  await assert.rejects(last, { code: 'PINNING_REFUSED', message: /HTTP 500 DOWN/ })
  assert.equal(asked.length, 6)
})

test('a refusal that does not pass ends the watching at once', async (t) => {
  const { last, asked } = await watching(t, (response) =>
    sendJson(response, 404, { error: { reason: 'GONE' } }),
  )
  await assert.rejects(last, { code: 'PINNING_REFUSED', message: /HTTP 404 GONE/ })
  assert.equal(asked.length, 1)
})

test('a request that is for another CID all of a sudden is not believed', async (t) => {
  const { last } = await watching(t, inTurn({ ...statusOf('pinned'), pin: { cid: 'bafkqaa3b' } }))
  await assert.rejects(last, { code: 'PINNING_ANSWER_INVALID', message: /bafkqaa3b all of a sudden/ })
})

test('a request that never ends is watched until somebody has enough', async (t) => {
  const stopper = new AbortController()
  const { last, told } = await watching(
    t,
    (response, count) => {
      if (count === 20) stopper.abort()
      sendJson(response, 200, statusOf('pinning'))
    },
    stopper.signal,
  )
  await assert.rejects(last, { code: 'CANCELLED' })
  assert.deepEqual(told, ['queued', 'pinning'])
})
