import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { encodeCar } from '../../src/content/car.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { PinningClient } from '../../src/content/pinning/client.ts'
import type { PinState } from '../../src/content/pinning/messages.ts'
import { isLoopbackOrigin, toOrigin } from '../../src/content/pinning/origins.ts'
import { watchPin } from '../../src/content/pinning/watch.ts'
import { type Decision, type RemotePinEvent, type RemotePinStages, pinRemotely } from '../../src/flows/pin.ts'
import { addBytes, madeBytes, startGateway, startNode } from '../helpers/content.ts'
import { sendJson, startForeignService } from '../helpers/foreign-service.ts'
import { startService, token } from '../helpers/pinning.ts'

interface Setting {
  stages: RemotePinStages
  cid: string
  there: ContentNode
  /** Why it was asked what to do, and whether an upload was offered. */
  decisions: [string, boolean][]
  events: string[]
  tell: (event: RemotePinEvent) => void
}

/** A node here, and a service over another; `service.url` is what it is called, the client reaches it anyhow. */
async function set(
  t: TestContext,
  {
    called,
    canUpload = true,
    decision = 'stop',
  }: { called?: string; canUpload?: boolean; decision?: Decision },
): Promise<Setting> {
  const [here, there] = [await startNode(t), await startNode(t)]
  const cid = await addBytes(here, madeBytes(1_200_000))
  const [gateway, { url }] = [await startGateway(t, here), await startService(t, there)]
  const uploadUrl = canUpload ? `${url}/upload` : undefined
  const client = new PinningClient({ url, uploadUrl, token })
  const decisions: [string, boolean][] = []
  const events: string[] = []
  const stages: RemotePinStages = {
    service: { name: 'there', url: called ?? url, uploadUrl },
    client,
    content: {
      origins: async () => [toOrigin(gateway)],
      isHere: async (wanted) => here.blocks.has(parseCid(wanted)),
      exportCar: (wanted) => encodeCar([parseCid(wanted)], walkDag(here, parseCid(wanted))),
    },
    watch: (first, { signal }, tell) => watchPin(client, first, { signal, tell, pauseMs: 1 }),
    decide: async (...asked) => {
      decisions.push(asked)
      return decision
    },
  }
  const tell = (event: RemotePinEvent): void => {
    events.push(event.kind === 'status' ? event.status.status : `${event.kind} ${JSON.stringify(event)}`)
  }
  return { stages, cid, there, decisions, events, tell }
}

const plain = { upload: false, background: false }
const remote = 'https://pins.example/psa'

test('a service on this machine fetches from the node here, and nobody is asked anything', async (t) => {
  const { stages, cid, there, decisions, events, tell } = await set(t, {})
  const last = await pinRemotely({ ...plain, cid, name: 'hello' }, stages, {}, tell)
  assert.equal(last.status, 'pinned')
  assert.equal(there.pins.get(parseCid(cid))?.name, 'hello')
  assert.deepEqual([decisions, events[0], events.at(-1)], [[], 'queued', 'pinned'])
})

test('before a service elsewhere is asked it is said that it can not reach this machine', async (t) => {
  const { stages, cid, there, decisions, events, tell } = await set(t, { called: remote })
  await assert.rejects(pinRemotely({ ...plain, cid }, stages, {}, tell), { code: 'PINNING_OUT_OF_REACH' })
  assert.equal(decisions.length, 1)
  assert.deepEqual([decisions[0]?.[1], events.length], [true, 1])
  assert.match(events[0] ?? '', /warning.*can not fetch it from there/)
  assert.deepEqual(there.pins.all(), [])
})

test('an upload is offered only where the service has one', async (t) => {
  const { stages, cid, decisions, tell } = await set(t, { called: remote, canUpload: false })
  await assert.rejects(pinRemotely({ ...plain, cid }, stages, {}, tell), { code: 'PINNING_OUT_OF_REACH' })
  assert.deepEqual(decisions[0]?.[1], false)
  await assert.rejects(pinRemotely({ ...plain, cid, upload: true }, stages, {}, tell), {
    code: 'INPUT_INVALID',
    message: /there takes no CAR/,
  })
})

test('with an upload a service that can not reach this machine pins it', async (t) => {
  for (const way of [{ upload: true }, { decision: 'upload' as const }]) {
    const { stages, cid, there, events, tell } = await set(t, { called: remote, ...way })
    const last = await pinRemotely({ ...plain, cid, ...way }, stages, {}, tell)
    assert.deepEqual([last.status, last.pin.origins], ['pinned', undefined])
    assert.ok(there.pins.get(parseCid(cid)))
    assert.ok(events.some((event) => event.startsWith('uploaded')))
  }
})

test('asked all the same, it fails there, and what the service says of it is told', async (t) => {
  const { stages, cid, events, tell } = await set(t, { called: remote, decision: 'ask' })
  await assert.rejects(pinRemotely({ ...plain, cid }, stages, {}, tell), {
    code: 'PINNING_FAILED',
    message: /there returned failed for .* and says .*names no origins/,
  })
  assert.equal(events.at(-1), 'failed')
})

test('what is not here is asked for without origins, and can not be uploaded', async (t) => {
  const { stages, decisions, events, tell } = await set(t, { called: remote })
  const elsewhere = await addBytes(await startNode(t), madeBytes(60))
  await assert.rejects(pinRemotely({ ...plain, cid: elsewhere }, stages, {}, tell), {
    code: 'PINNING_FAILED',
  })
  assert.match(events[0] ?? '', /has to find it elsewhere/)
  assert.deepEqual(decisions, [])
  await assert.rejects(pinRemotely({ ...plain, cid: elsewhere, upload: true }, stages, {}, tell), {
    code: 'CONTENT_NOT_FOUND',
  })
})

test('in the background the first status is the answer', async (t) => {
  const { stages, cid, events, tell } = await set(t, {})
  const first = await pinRemotely({ ...plain, cid, background: true }, stages, {}, tell)
  assert.deepEqual([first.status, events], ['queued', ['queued']])
})

test('a token without encryption to somewhere else is told of', async (t) => {
  const { stages, cid, events, tell } = await set(t, { called: 'http://pins.example', decision: 'upload' })
  await pinRemotely({ ...plain, cid }, stages, {}, tell)
  assert.match(events[0] ?? '', /the token goes to pins\.example without encryption/)
})

test('what a service says of Filecoin is told as returned, and nothing is said in its place', async (t) => {
  const info = { piece_cid: 'bafkzcib', data_set_id: 7 }
  const states: PinState[] = ['queued', 'pinning', 'pinned']
  const cid = 'bafkqaaa'
  const { url } = await startForeignService(t, (response, count) => {
    const status = states[Math.min(count, 2)] ?? 'failed'
    const known = status === 'pinned' ? { info } : {}
    sendJson(response, 202, { requestid: 'r', status, created: 'now', pin: { cid }, delegates: [], ...known })
  })
  const setting = await set(t, {})
  const client = new PinningClient({ url, token })
  const stages: RemotePinStages = {
    ...setting.stages,
    client,
    watch: (first, _context, tell) => watchPin(client, first, { tell, pauseMs: 1 }),
  }
  const last = await pinRemotely({ ...plain, cid }, stages, {}, setting.tell)
  assert.deepEqual([last.info, setting.events], [info, ['queued', 'pinning', 'pinned']])
  assert.ok(!JSON.stringify(setting.events).toLowerCase().includes('filecoin'))
})

test('an origin is the multiaddr of a gateway, and it is known which are of this machine', () => {
  const origins = {
    'http://127.0.0.1:7073': '/ip4/127.0.0.1/tcp/7073/http',
    'http://localhost:80/': '/dns/localhost/tcp/80/http',
    'http://[::1]:7073': '/ip6/::1/tcp/7073/http',
    'https://gateway.example': '/dns/gateway.example/tcp/443/tls/http',
    'https://gateway.example:8443/a/b/': '/dns/gateway.example/tcp/8443/tls/http/http-path/a%2Fb',
  }
  for (const [url, origin] of Object.entries(origins)) assert.equal(toOrigin(url), origin)
  assert.deepEqual(Object.values(origins).map(isLoopbackOrigin), [true, true, true, false, false])
  assert.ok(
    isLoopbackOrigin(
      '/ip4/127.0.0.1/udp/4001/quic-v1/p2p/12D3KooWQa9M7NYTRk64QU4wQrXrLoW8NNVCwCgHJsvEVoNxX7uB',
    ),
  )
})
