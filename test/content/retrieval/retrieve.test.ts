// Files from gateways that keep their word, and from those that do not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WasmateError } from '../../../src/base/errors.ts'
import { codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import {
  addBytes,
  addDefaults,
  collectAll,
  madeBytes,
  startGateway,
  startNode,
} from '../../helpers/content.ts'
import {
  type Misbehaviour,
  flipBit,
  sendChanged,
  sendPart,
  sendTrue,
  startFalseGateway,
} from '../../helpers/gateways.ts'
import { fetchFrom } from './sessions.ts'

/** Short for the gateways that stay silent, and still long for a good one on a busy machine. */
const silenceMs = 1500

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015', 'kubo-v1'] as const) {
  test(`files of every shape come back byte for byte (${profile})`, async (t) => {
    const node = await startNode(t)
    const gateway = await startGateway(t, node)
    for (const length of [0, 1, 100_000, 262_144, 262_145, 2_500_000]) {
      const content = madeBytes(length)
      const got = await fetchFrom(await addBytes(node, content, profile), [gateway])
      assert.ok(content.equals(got), `${length} bytes`)
    }
  })
}

test('a file that repeats a chunk comes back, its duplicates sent once', async (t) => {
  const node = await startNode(t)
  const content = Buffer.alloc(5 * 1_048_576, 7)
  assert.ok(content.equals(await fetchFrom(await addBytes(node, content), [await startGateway(t, node)])))
})

test('a directory with exactly one .wasm gives that file; another directory does not', async (t) => {
  const node = await startNode(t)
  const gateway = await startGateway(t, node)
  const addFolder = async (names: string[]): Promise<string> => {
    const entries = names.map((name) => ({ path: `d/${name}`, content: Buffer.from(name) }))
    return (await collectAll(node.add(entries, addDefaults))).at(-1)?.cid.toString() ?? ''
  }
  const one = await fetchFrom(await addFolder(['a.wasm', 'README.md']), [gateway])
  assert.equal(Buffer.from(one).toString(), 'a.wasm')
  for (const names of [['a.wasm', 'b.wasm'], ['README.md']]) {
    await assert.rejects(fetchFrom(await addFolder(names), [gateway]), { code: 'CONTENT_NOT_FOUND' })
  }
})

interface Liar {
  name: string
  answer: (node: Awaited<ReturnType<typeof startNode>>) => Misbehaviour
  cause: RegExp
  silenceMs?: number
}

const liars: Liar[] = [
  {
    name: 'flips a bit in a leaf',
    answer: (node) => sendChanged(node, (blocks) => flipBit(blocks, 3)),
    cause: /does not match its CID: block \w+ \(1048576 bytes/,
  },
  {
    name: 'flips a bit in the root',
    answer: (node) => sendChanged(node, (blocks) => flipBit(blocks, 0)),
    cause: /does not match its CID: block \w+/,
  },
  {
    name: 'sends blocks in another order',
    answer: (node) =>
      sendChanged(node, ([root, a, b, ...rest]) => [root, b, a, ...rest].flatMap((x) => x ?? [])),
    cause: /block \w+ where \w+ must come/,
  },
  {
    name: 'leaves a block out',
    answer: (node) => sendChanged(node, (blocks) => blocks.toSpliced(2, 1)),
    cause: /block \w+ where \w+ must come/,
  },
  {
    name: 'sends a block too many',
    answer: (node) =>
      sendChanged(node, (blocks) => [makeBlock(Buffer.from('other'), codecOf('raw')), ...blocks]),
    cause: /block \w+ where \w+ must come/,
  },
  {
    name: 'ends the CAR too soon, on a block boundary',
    answer: (node) => sendChanged(node, (blocks) => blocks.slice(0, -1)),
    cause: /ends before block/,
  },
  {
    name: 'ends within a block',
    answer: (node) => sendPart(node, 0.6, 'end'),
    cause: /ends within a section/,
  },
  { name: 'is cut off', answer: (node) => sendPart(node, 0.6, 'cut'), cause: /cut off/ },
  {
    name: 'falls silent in the middle',
    answer: (node) => sendPart(node, 0.6, 'hang'),
    cause: /1500 ms/,
    silenceMs,
  },
  { name: 'never answers', answer: () => () => undefined, cause: /nothing good came for 1500 ms/, silenceMs },
  {
    name: 'answers 404',
    answer: () => (response) => void response.writeHead(404).end('no'),
    cause: /HTTP 404/,
  },
  {
    name: 'sends a page',
    answer: () => (response) => void response.end('<html>welcome</html>'),
    cause: /Not a readable CAR/,
  },
  {
    name: 'redirects elsewhere',
    answer: () => (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    cause: /redirect/,
  },
  {
    name: 'sends without end',
    answer: () => (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0xff)));
        response.once('drain', more)
      }
      more()
    },
    cause: /Not a readable CAR/,
  },
  {
    name: 'drips',
    answer: () => (response) => {
      const timer = setInterval(() => response.write(Buffer.from([0xff])), 20)
      response.once('close', () => clearInterval(timer))
    },
    cause: /1500 ms|Not a readable CAR/,
    silenceMs,
  },
]

for (const { name, answer, cause, ...patience } of liars) {
  test(`a gateway that ${name} is found out, and another one makes up for it`, async (t) => {
    const node = await startNode(t)
    const content = madeBytes(5 * 1_048_576)
    const cid = await addBytes(node, content)
    const liar = await startFalseGateway(t, answer(node))
    await assert.rejects(fetchFrom(cid, [liar.url], patience), (error: unknown) => {
      assert.ok(error instanceof WasmateError)
      assert.equal(error.code, 'GATEWAYS_FAILED')
      assert.match(error.message, cause)
      assert.match(error.message, new RegExp(liar.url))
      assert.ok(error.cause instanceof Error)
      return true
    })
    const good = await startGateway(t, node)
    assert.ok(content.equals(await fetchFrom(cid, [liar.url, good], patience)))
  })
}

test('a lie is the cause of the error, with its own code', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  const liar = await startFalseGateway(
    t,
    sendChanged(node, (blocks) => flipBit(blocks, 0)),
  )
  await assert.rejects(fetchFrom(cid, [liar.url]), (error: unknown) => {
    assert.ok(error instanceof WasmateError && error.cause instanceof WasmateError)
    assert.equal(error.cause.code, 'BLOCK_MISMATCH')
    return true
  })
})

test('a gateway that falls silent is given up also when garbage is collected meanwhile', async (t) => {
  setFlagsFromString('--expose_gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const timer = setInterval(collectGarbage, 20)
  t.after(() => clearInterval(timer))
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(5 * 1_048_576))
  const silent = await startFalseGateway(t, sendPart(node, 0.6, 'hang'))
  await assert.rejects(fetchFrom(cid, [silent.url], { silenceMs }), { code: 'GATEWAYS_FAILED' })
})

test('what a gateway delivered before it broke off is kept: the others are asked for the rest alone', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(5 * 1_048_576)
  const cid = await addBytes(node, content)
  const first = await startFalseGateway(t, sendPart(node, 0.5, 'cut'))
  // It has all but the first leaf: alone it could not deliver the file either.
  const second = await startFalseGateway(t, async (response, asked, request) => {
    if (asked === cid) response.writeHead(404).end()
    else await sendTrue(node)(response, asked, request)
  })
  assert.ok(content.equals(await fetchFrom(cid, [first.url, second.url])))
  assert.ok(second.asked.length < 6)
})
