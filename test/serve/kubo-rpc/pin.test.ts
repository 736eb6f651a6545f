import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, madeBytes, startNode, startRpc } from '../../helpers/content.ts'
import { commandError, end, file, linesOf, post } from './wire.ts'

test('pins are listed by kind, by name and by CID', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const root = await addBytes(node, madeBytes(3_000_000))
  await client.pin.add(CID.parse(root), { name: 'the file' })
  const leaf = (await collectAll(walkDag(node, parseCid(root)))).at(-1)?.cid.toString() ?? ''
  const list = async (options: object): Promise<[string, string, string | undefined][]> =>
    (await collectAll(client.pin.ls(options))).map(({ cid, type, name }) => [cid.toString(), type, name])
  assert.deepEqual(await list({ type: 'recursive' }), [[root, 'recursive', undefined]])
  assert.deepEqual(await list({ name: 'the file' }), [[root, 'recursive', 'the file']])
  assert.deepEqual(await list({ name: 'another' }), [])
  assert.equal((await list({ type: 'indirect' })).length, 3)
  assert.equal((await list({})).length, 4)
  assert.deepEqual(await list({ paths: CID.parse(leaf) }), [[leaf, `indirect through ${root}`, undefined]])
  await assert.rejects(list({ paths: CID.parse(leaf), type: 'direct' }), /is not pinned/)
  await assert.rejects(list({ type: 'strange' }), /invalid type 'strange'/)
})

test('pins without stream are listed as one object, with a name only where it is asked for', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const empty = await post(url, 'pin/ls')
  assert.deepEqual([empty.text, empty.headers.get('content-type')], ['{}\n', 'application/json'])
  const root = await addBytes(node, Buffer.from('x'))
  await post(url, `pin/add?arg=${root}&n=the%20name`)
  assert.deepEqual(linesOf(await post(url, 'pin/ls')), [
    { Keys: { [root]: { Type: 'recursive', Name: '' } } },
  ])
  for (const query of ['names=true', 'name=the', `names=1&arg=${root}`, `name=other&arg=${root}`]) {
    const answered = await post(url, `pin/ls?${query}`)
    assert.deepEqual(
      linesOf(answered),
      [{ Keys: { [root]: { Type: 'recursive', Name: 'the name' } } }],
      query,
    )
  }
  assert.deepEqual(linesOf(await post(url, 'pin/ls?name=the&stream=true')), [
    { Cid: root, Name: 'the name', Type: 'recursive' },
  ])
})

test('a pin has the name that it was last pinned with, also none, as in Kubo', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addBytes(node, Buffer.from('x'))
  const names = (): string[] => node.pins.all().map(({ name }) => name)
  await post(url, `pin/add?arg=${root}&name=first`)
  await post(url, `pin/add?arg=${root}&name=second`)
  assert.deepEqual(names(), ['second'])
  await post(url, `pin/add?arg=${root}`)
  assert.deepEqual(names(), [''])
})

test('pins are moved and removed, and what is not pinned can be neither', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const [from, to] = [await addBytes(node, Buffer.from('from')), await addBytes(node, Buffer.from('to'))]
  const pinned = (): string[] => node.pins.all().map(({ cid }) => cid.toString())
  const already = await post(url, `pin/update?arg=${from}&arg=${to}`)
  assert.equal(already.text, commandError("'to' cid was already recursively pinned"))
  await client.pin.rm(CID.parse(to))
  await assert.rejects(client.pin.rm(CID.parse(to)), /not pinned or pinned indirectly/)
  assert.equal((await post(url, `pin/update?arg=${from}&arg=${to}&unpin=false`)).status, 200)
  assert.deepEqual(pinned().sort(), [from, to].sort())
  await client.pin.rm(CID.parse(to))
  assert.deepEqual(linesOf(await post(url, `pin/update?arg=${from}&arg=${to}`)), [{ Pins: [from, to] }])
  assert.deepEqual(pinned(), [to])
  const again = await post(url, `pin/update?arg=${from}&arg=${to}`)
  assert.deepEqual(
    [again.status, again.text],
    [500, commandError("'from' cid was not recursively pinned already")],
  )
  await assert.rejects(client.pin.rm(CID.parse(to), { recursive: false }), /is pinned recursively/)
})

test('pinning what is not here fails with the words that Kubo uses', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const cid = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  await assert.rejects(
    client.pin.add(cid),
    /^HTTPError: pin: block was not found locally \(offline\): ipld: could not find bafkreihdwdcefgh4dqk/,
  )
})

test('pin/add counts what it walks when progress is asked for, and takes CIDs from the body', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const [one, two] = [await addBytes(node, madeBytes(3_000_000)), await addBytes(node, Buffer.from('two'))]
  for (const { cid } of node.pins.all()) await node.pins.remove(cid)
  assert.deepEqual(linesOf(await post(url, `pin/add?arg=${one}&progress=true`)), [
    { Progress: 4, Bytes: 3_000_159 },
    { Pins: [one] },
  ])
  const body = file('lines', `${two}\n/ipfs/${one}\n`) + end
  assert.deepEqual(linesOf(await post(url, 'pin/add?name=both', body)), [{ Pins: [two, one] }])
  assert.deepEqual(
    node.pins.all().map(({ name }) => name),
    ['both', 'both'],
  )
})

test('pin/verify names what is missing or damaged under a pin', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addBytes(node, madeBytes(3_000_000))
  assert.equal((await post(url, 'pin/verify')).text, '')
  assert.deepEqual(linesOf(await post(url, 'pin/verify?verbose=true')), [{ Cid: root, Ok: true }])
  const leaves = (await collectAll(walkDag(node, parseCid(root)))).slice(-2)
  const [damaged, gone] = leaves.map(({ cid }) => cid)
  assert.ok(damaged && gone)
  await node.blocks.delete(gone)
  await writeFile(node.blocks.pathOf(damaged), 'not these bytes')
  const [bad] = linesOf(await post(url, 'pin/verify')) as {
    Cid: string
    BadNodes: { Cid: string; Err: string }[]
  }[]
  assert.equal(bad?.Cid, root)
  const reasons = new Map(bad.BadNodes.map(({ Cid, Err }) => [Cid, Err]))
  assert.match(reasons.get(gone.toString()) ?? '', /block was not found locally \(offline\)/)
  assert.match(reasons.get(damaged.toString()) ?? '', /damaged/)
  const both = await post(url, 'pin/verify?verbose=true&quiet=true')
  assert.match(both.text, /can not be used at the same time/)
})
