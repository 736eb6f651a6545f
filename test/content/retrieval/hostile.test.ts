// Gateways that answer with something else than what was asked for: named, given up, and never believed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { codecOf, makeBlock, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { encodeCar } from '../../../src/content/car.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { retrieveFile } from '../../../src/content/retrieval/retrieve.ts'
import {
  addBytes,
  collectAll,
  collectBytes,
  madeBytes,
  startGateway,
  startNode,
} from '../../helpers/content.ts'
import { type Misbehaviour, sendChanged, sendTrue, startFalseGateway } from '../../helpers/gateways.ts'

const carType = 'application/vnd.ipld.car; version=1; order=dfs; dups=n'
/** Short, and still long for a good gateway on a busy machine. */
const silenceMs = 1_500

/** As a CAR that promises its order, whatever is asked for. */
function promised(node: ContentNode, change: Parameters<typeof sendChanged>[1]): Misbehaviour {
  return (response, asked, request) => {
    response.setHeader('content-type', carType)
    return sendChanged(node, change)(response, asked, request)
  }
}

interface Liar {
  name: string
  answer: (node: ContentNode) => Misbehaviour
  told: RegExp
}

const liars: Liar[] = [
  {
    name: 'promises an order that it does not keep',
    answer: (node) =>
      promised(node, ([root, a, b, ...rest]) => [root, b, a, ...rest].flatMap((x) => x ?? [])),
    told: /does not match its CID: block \w+ where \w+ must come/,
  },
  {
    name: 'sends a block of somebody else',
    answer: (node) =>
      promised(node, ([root, ...rest]) => [
        ...(root ? [root] : []),
        makeBlock(Buffer.from('other'), codecOf('raw')),
        ...rest,
      ]),
    told: /does not match its CID: block \w+ where \w+ must come/,
  },
  {
    name: 'repeats a block without end',
    answer: (node) => async (response, asked) => {
      response.setHeader('content-type', carType)
      const [root, leaf] = await collectAll(walkDag(node, parseCid(asked)))
      if (!root || !leaf) return void response.destroy()
      const endless = (async function* () {
        yield root
        for (;;) yield leaf
      })()
      for await (const chunk of encodeCar([root.cid], endless)) {
        if (response.destroyed) return
        if (!response.write(chunk)) {
          await new Promise<void>((resolve) => {
            response.once('drain', resolve)
            response.once('close', resolve)
          })
        }
      }
    },
    told: /comes again and again/,
  },
  {
    name: 'sends a web page for everything',
    answer: () => (response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>welcome</html>')
    },
    told: /text\/html where application\/vnd\.ipld\.raw was asked for/,
  },
  {
    name: 'packs its answer',
    answer: () => (response) => {
      const headers = { 'content-type': carType, 'content-encoding': 'gzip' }
      response.writeHead(200, headers).end(gzipSync(Buffer.alloc(10_000_000)))
    },
    told: /packed \(gzip\)/,
  },
  {
    name: 'redirects',
    answer: () => (response) => void response.writeHead(301, { location: 'http://127.0.0.1:1/' }).end(),
    told: /HTTP 301, a redirect to http:\/\/127\.0\.0\.1:1\/ that is not followed/,
  },
  {
    name: 'sends headers without end',
    answer: () => (response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(
        () => response.socket?.write(`x-${Math.random()}: ${'y'.repeat(1000)}\r\n`),
        5,
      )
      response.once('close', () => clearInterval(timer))
    },
    told: /Header overflow|1500 ms/,
  },
  {
    name: 'gives hints without end before its answer',
    answer: () => (response) => {
      const timer = setInterval(() => response.writeProcessing(), 5)
      response.once('close', () => clearInterval(timer))
    },
    told: /1500 ms/,
  },
  {
    name: 'speaks no HTTP',
    answer: () => (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.7\r\n'),
    told: /Parse Error/,
  },
  {
    name: 'asks to wait for long',
    answer: () => (response) => void response.writeHead(429, { 'retry-after': '120' }).end(),
    told: /HTTP 429, asks to wait 120 s/,
  },
  {
    name: 'trickles',
    answer: (node) => async (response, asked) => {
      response.setHeader('content-type', carType)
      const car = await collectBytes(encodeCar([parseCid(asked)], walkDag(node, parseCid(asked))))
      if (response.closed) return
      let sent = 0
      const timer = setInterval(() => response.write(car.subarray(sent, ++sent)), 10)
      response.once('close', () => clearInterval(timer))
    },
    told: /1500 ms/,
  },
  {
    name: 'sends a CARv2 that says it is long',
    answer: () => (response) => {
      response.setHeader('content-type', carType)
      const header = Buffer.alloc(51)
      Buffer.from('0aa16776657273696f6e02', 'hex').copy(header)
      header.writeBigUInt64LE(51n, 27)
      header.writeBigUInt64LE(1n << 50n, 35)
      response.end(header)
    },
    told: /Not a readable CAR/,
  },
]

test('gateways that lie are named, and another one makes up for it', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(3 * 1_048_576)
  const cid = await addBytes(node, content)
  const good = await startGateway(t, node)
  const limits = { maxBytes: content.length, silenceMs }
  for (const { name, answer, told } of liars) {
    await t.test(`a gateway that ${name}`, async (t) => {
      const liar = await startFalseGateway(t, answer(node))
      await assert.rejects(retrieveFile(cid, { ...limits, gateways: [liar.url] }), (error: Error) => {
        assert.match(error.message, told)
        assert.match(error.message, new RegExp(`${liar.url}: `))
        return true
      })
      assert.ok(content.equals(await retrieveFile(cid, { ...limits, gateways: [liar.url, good] })))
    })
  }
})

test('a gateway that asks to wait a moment is asked again', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(100_000)
  const cid = await addBytes(node, content)
  let times = 0
  const busy = await startFalseGateway(t, (response, asked, request) => {
    times += 1
    if (times > 1) return sendTrue(node)(response, asked, request)
    response.writeHead(429, { 'retry-after': '1' }).end()
  })
  const got = await retrieveFile(cid, { maxBytes: content.length, gateways: [busy.url] })
  assert.ok(content.equals(got))
  assert.equal(times, 2)
})

test('a gateway that does not say its order and keeps another one gives its blocks one by one', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(3 * 1_048_576)
  const cid = await addBytes(node, content)
  const unordered = await startFalseGateway(t, (response, asked, request) => {
    if (request.url?.includes('format=raw')) return sendTrue(node)(response, asked, request)
    response.setHeader('content-type', 'application/vnd.ipld.car')
    return sendChanged(node, ([root, ...rest]) => [...(root ? [root] : []), ...rest.reverse()])(
      response,
      asked,
      request,
    )
  })
  const got = await retrieveFile(cid, { maxBytes: content.length, gateways: [unordered.url] })
  assert.ok(content.equals(got))
})

test('who lies once is asked no more', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(5 * 1_048_576)
  const cid = await addBytes(node, content)
  const liar = await startFalseGateway(
    t,
    promised(node, (blocks) => blocks.slice(0, 3).concat(blocks.slice(4))),
  )
  const good = await startFalseGateway(t, (response, asked, request) => {
    if (asked === cid) return void response.writeHead(404).end()
    return sendTrue(node)(response, asked, request)
  })
  const gateways = [liar.url, good.url]
  assert.ok(content.equals(await retrieveFile(cid, { maxBytes: content.length, silenceMs, gateways })))
  assert.equal(liar.asked.length, 1)
})

test('nothing is asked for what could not be verified', async (t) => {
  const gateway = await startFalseGateway(t, (response) => void response.end())
  // blake3 of nothing in particular.
  const cid = 'bafkr4iae4c5tt4yldi76xcpvg3etxykqkvec352im5fqbutolj2xo5yc5e'
  await assert.rejects(retrieveFile(cid, { maxBytes: 100, gateways: [gateway.url] }), {
    code: 'CODEC_UNSUPPORTED',
    message: /hash 0x1e/,
  })
  assert.deepEqual(gateway.asked, [])
})

test('gateway URLs that are none are named', async () => {
  const cid = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'
  const gateways = ['nonsense', 'ftp://127.0.0.1/']
  await assert.rejects(retrieveFile(cid, { maxBytes: 100, gateways }), {
    code: 'GATEWAYS_FAILED',
    message: /nonsense: Invalid URL.*ftp:\/\/127\.0\.0\.1\/: ftp: is not spoken here/,
  })
})
