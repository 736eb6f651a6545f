// Answers of a real Lassie daemon, recorded in test/fixtures/lassie, held against ours for the same content.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { codecOf, makeBlock, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addBytes, addDefaults, collectAll, madeBytes, startNode } from '../../helpers/content.ts'
import { type RawAnswer, ask, startLassie } from '../../helpers/lassie.ts'

interface Recorded {
  method: string
  path: string
  headers?: Record<string, string>
  status: number
  cut?: true
  /** Of a CAR, or of what has no body. */
  bytes?: number
  sha256?: string
  text?: string
  answer?: Record<string, string>
}

interface Recording {
  carHeaders: Record<string, string>
  textHeaders: Record<string, string>
  cases: Recorded[]
}

const fixture = new URL('../../fixtures/lassie/daemon.json', import.meta.url)

/** What the daemon's provider had, by the names that the recording has for the CIDs. */
async function addContent(node: ContentNode): Promise<Record<string, string>> {
  const folder = {
    'd/big': madeBytes(3_000_000),
    'd/small': Buffer.from('small'),
    'd/ü %25 x': Buffer.from('odd'),
  }
  const entries = Object.entries(folder).map(([path, content]) => ({ path, content }))
  const tree =
    (await collectAll(node.add(entries, { ...addDefaults, wrap: true }))).at(-1)?.cid.toString() ?? ''
  const cbor = codecOf('dag-cbor')
  const leaf = makeBlock(cbor.encode({ deep: { value: 1 } }), cbor)
  const root = makeBlock(cbor.encode({ a: { link: leaf.cid }, id: parseCid('bafkqabtimvwgy3yk') }), cbor)
  await node.putBlock(leaf)
  await node.putBlock(root)
  const broken = await addBytes(node, madeBytes(3_500_000, 'broken'))
  const last = (await collectAll(walkDag(node, parseCid(broken)))).at(-1)
  if (last) await node.blocks.delete(last.cid)
  return {
    small: await addBytes(node, Buffer.from('small')),
    big: await addBytes(node, madeBytes(3_500_000)),
    zeros: await addBytes(node, Buffer.alloc(3 * 1_048_576)),
    v0: await addBytes(node, madeBytes(1_000_000), 'unixfs-v0-2015'),
    ...{ tree, broken, cbor: root.cid.toString() },
    missing: 'bafybeic56z3yccnla3cutmvqsn5zy3g24muupcsjtoyp3pu5pm5amurjx4',
    ...{ gateway: 'http://127.0.0.1:9', 'gateway-port': '9' },
  }
}

interface Difference {
  status: number
  /** What the body says, when it is text. */
  says?: RegExp
  /** Size of the CAR. */
  bytes?: number
}

const [whole, noLink] = [
  { status: 200, bytes: 101 },
  { status: 404, says: /^failed to fetch CID: no link named/ },
]
const [noPath, noHttp] = [
  { status: 404, says: /not found/ },
  { status: 400, says: /only http is spoken here/ },
]
const [notDecoded, noProvider] = [
  { status: 400, says: /%zz/ },
  { status: 400, says: /^invalid providers parameter; / },
]
const [refused, car] = [{ status: 403, says: /evil\.example/ }, 'application/vnd.ipld.car']

/** Where we answer otherwise on purpose; docs/lassie.md says why. */
const differences: Record<string, Difference> = {
  'GET /ipfs/{small}': whole,
  'GET /ipfs/{small}?format=': whole,
  'GET /ipfs/{small}?format=raw accept: */*': { status: 406, says: /unsupported "\*\/\*"/ },
  [`GET /ipfs/{small} accept: ${car};q=0`]: { status: 400, says: /unsupported: ".*;q=0"/ },
  [`GET /ipfs/{small} accept: ${car};q=2`]: whole,
  'GET /ipfs/{small} accept: APPLICATION/vnd.ipld.car': whole,
  [`GET /ipfs/{small} accept: ${car}; dups="n"`]: whole,
  'GET /ipfs/{big}?format=car&dag-scope=entity&entity-bytes=5:2': { status: 200, bytes: 306 },
  'GET /ipfs/{tree}/d/%C3%BC%20%2525%20x?format=car': { status: 200, bytes: 381 },
  'GET /ipfs/{tree}/d/%25C3%25BC%2520%252525%2520x?format=car': noLink,
  'GET /ipfs/{tree}/d/none?format=car': noLink,
  'GET /ipfs/{cbor}/a/none?format=car': noLink,
  'GET /ipfs/{tree}//d/small?format=car': { status: 200, bytes: 383 },
  'GET /ipfs/{tree}/d/../d/small?format=car': { status: 200, bytes: 383 },
  'GET /ipfs/bafkqabtimvwgy3yk?format=car': { status: 200, bytes: 32 },
  'GET /ipfs/bafkqaaa?format=car': { status: 200, bytes: 26 },
  'GET /ipfs/{missing}?format=car': { status: 502, says: /^no candidates found\n$/ },
  'GET /ipfs?format=car': noPath,
  'GET /ipfs/%zz?format=car': notDecoded,
  'GET /ipfs/{small}/%zz?format=car': notDecoded,
  'GET /ipfs/{small}?format=car&protocols=bitswap': noHttp,
  'GET /ipfs/{small}?format=car&protocols=graphsync': noHttp,
  'GET /ipfs/{small}?format=car&providers={gateway}&protocols=bitswap': noHttp,
  'GET /ipfs/{small}?format=car&providers=': noProvider,
  'GET /ipfs/{small}?format=car&providers=nonsense': noProvider,
  'GET /ipfs/{small}?format=car&providers={gateway},nonsense': noProvider,
  'GET /ipfs/{small}?format=car&providers=/ip4/127.0.0.1/tcp/4001/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N':
    noProvider,
  'GET /ipfs/{small}?format=car&providers={gateway}/path': whole,
  'GET /ipfs/{small}?format=car&providers=http://127.0.0.1:9': whole,
  'GET /ipfs/{small}?format=car&filename=%C3%BC%20%22q%22%20%5C%20%2Fx%0A.car': whole,
  'GET /ipfs/{zeros}?format=car&blockLimit=2': { status: 200, bytes: 1_048_871 },
  'GET /ipfs/{zeros}?format=car&blockLimit=1': { status: 200, bytes: 256 },
  'GET /ipfs/{small}?format=car host: evil.example': refused,
  'GET /ipfs/{small}?format=car origin: https://evil.example': refused,
}

const keyOf = ({ method, path, headers = {} }: Recorded): string =>
  [method, path, ...Object.entries(headers).map((header) => header.join(': '))].join(' ')

const isCar = ({ 'content-type': type = '' }: Record<string, unknown>): boolean =>
  String(type).startsWith('application/vnd.ipld.car')

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Without what is different each time. */
function simplify(headers: Record<string, unknown>, names: string[]): Record<string, string> {
  const kept = names.filter((name) => headers[name] !== undefined)
  return Object.fromEntries(
    kept.map((name) => [name, String(headers[name]).replace(/^[0-9a-f-]{36}$/, 'uuid')]),
  )
}

async function setUp(t: TestContext): Promise<{
  recording: Recording
  fill(text: string): string
  send(recorded: Recorded): Promise<RawAnswer>
}> {
  const node = await startNode(t)
  const names = await addContent(node)
  const url = await startLassie(t, { store: node })
  const fill = (text: string): string =>
    text.replace(/\{([\w-]+)\}/g, (_all, name: string) => names[name] ?? name)
  const send = ({ method, path, headers = {} }: Recorded): Promise<RawAnswer> =>
    ask(url, fill(path), { method, headers })
  return { recording: JSON.parse(await readFile(fixture, 'utf8')) as Recording, fill, send }
}

test('statuses, headers and bodies are those of lassie daemon 0.25, byte for byte', async (t) => {
  const { recording, fill, send } = await setUp(t)
  let compared = 0
  for (const recorded of recording.cases.filter((recorded) => !differences[keyOf(recorded)])) {
    const { answer = {}, status, cut = false, text, sha256, bytes } = recorded
    const shared = isCar(answer) ? recording.carHeaders : text === undefined ? {} : recording.textHeaders
    const { etag, ...headers } = { ...shared, ...answer }
    const got = await send(recorded)
    const key = fill(keyOf(recorded))
    assert.deepEqual(
      [got.status, got.isCut],
      [status, cut],
      `${key}: ${got.body.subarray(0, 300).toString()}`,
    )
    for (const [name, value] of Object.entries(headers))
      assert.equal(simplify(got.headers, [name])[name], fill(value), `${key}: ${name}`)
    assert.equal(got.headers.etag?.split('.')[0], etag && fill(etag).split('.')[0], `${key}: etag`)
    if (text !== undefined) assert.equal(got.body.toString(), fill(text), key)
    if (sha256 !== undefined) assert.equal(hash(got.body), sha256, key)
    if (bytes !== undefined) assert.equal(got.body.length, bytes, key)
    compared += 1
  }
  assert.ok(compared >= 70)
})

test('what differs from the daemon is what docs/lassie.md tells', async (t) => {
  const { recording, send } = await setUp(t)
  const different = recording.cases.filter((recorded) => differences[keyOf(recorded)])
  assert.equal(different.length, Object.keys(differences).length)
  for (const recorded of different) {
    const key = keyOf(recorded)
    const { status, says, bytes } = differences[key] ?? {}
    const got = await send(recorded)
    assert.equal(got.status, status, `${key}: ${got.body.subarray(0, 300).toString()}`)
    assert.equal(isCar(got.headers), bytes !== undefined, key)
    if (says) assert.match(got.body.toString(), says, key)
    else assert.equal(got.body.length, bytes, key)
  }
})

test('an Etag is that of the CID and of all that makes the answer what it is', async (t) => {
  const { recording, send } = await setUp(t)
  const tags = new Map<string, string>()
  for (const recorded of recording.cases.filter(({ answer }) => answer?.['etag'])) {
    if (differences[keyOf(recorded)]) continue
    // The daemon's own differ for a range of bytes that it does not heed.
    if (recorded.path.includes('entity-bytes') && !recorded.path.includes('dag-scope=entity')) continue
    const { etag = '' } = (await send(recorded)).headers
    const theirs = recorded.answer?.['etag'] ?? ''
    assert.equal(etag, tags.get(theirs) ?? etag, keyOf(recorded))
    tags.set(theirs, etag)
  }
  assert.equal(new Set(tags.values()).size, tags.size)
})
