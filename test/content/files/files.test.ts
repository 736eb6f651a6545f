import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import {
  changeCid,
  copyTo,
  makeFolder,
  moveTo,
  removeFrom,
  writeFile,
} from '../../../src/content/files/operations.ts'
import { importEntries, importProfiles } from '../../../src/content/import.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addBytes, collectAll, collectBytes, madeBytes, startNode } from '../../helpers/content.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

async function readFile(node: ContentNode, path: string): Promise<string> {
  const found = await node.files.find(path)
  return (await collectBytes(node.files.read(found, 0, found.node.size))).toString()
}

const write = (path: string, text: string | Uint8Array, options = {}): ReturnType<typeof writeFile> =>
  writeFile(path, [Buffer.from(text)], { create: true, parents: 0, ...options })

async function rootOf(node: ContentNode): Promise<CID> {
  return (await node.files.find('/')).cid
}

test('what was written is there after a restart, and is never collected', async (t) => {
  const folder = await temporaryFolder(t)
  const node = await startNode(t, folder)
  await node.files.change(write('/a/b/f', madeBytes(600_000)))
  const garbage = await addBytes(node, madeBytes(300_000, 'garbage'))
  await node.pins.remove(parseCid(garbage))
  const root = await rootOf(node)
  assert.ok((await node.collect()).length > 0)
  await node.stop()
  const again = await startNode(t, folder)
  assert.equal((await rootOf(again)).toString(), root.toString())
  await collectAll(walkDag(again, root))
  assert.equal(await readFile(again, '/a/b/f'), madeBytes(600_000).toString())
  await again.files.change(removeFrom('/a', { recursive: true }))
  await again.collect()
  assert.equal((await collectAll(again.blocks.list())).length, 1)
})

test('bytes are put into a file, over it, behind its end and in its place', async (t) => {
  const node = await startNode(t)
  await node.files.change(write('/f', 'hello world'))
  await node.files.change(write('/f', 'XY', { offset: 2 }))
  assert.equal(await readFile(node, '/f'), 'heXYo world')
  await node.files.change(write('/f', 'abcdef', { offset: 9, count: 3 }))
  assert.equal(await readFile(node, '/f'), 'heXYo worabc')
  await node.files.change(write('/f', 'end', { offset: 14 }))
  assert.equal(await readFile(node, '/f'), 'heXYo worabc\0\0end')
  await node.files.change(write('/f', 'new', { truncate: true }))
  assert.equal(await readFile(node, '/f'), 'new')
  await assert.rejects(node.files.change(write('/f', 'x', { offset: 2 ** 50 })), { code: 'INPUT_INVALID' })
  assert.equal(await readFile(node, '/f'), 'new')
})

test('a written file has the CID that add gives the same bytes', async (t) => {
  const node = await startNode(t)
  const bytes = madeBytes(700_000)
  await node.files.change(write('/f', bytes.subarray(0, 300_000), { cidVersion: 1 }))
  await node.files.change(write('/f', bytes.subarray(300_000), { offset: 300_000 }))
  assert.equal((await node.files.find('/f')).cid.toString(), await addBytes(node, bytes, 'kubo-v1'))
})

test('a change that fails leaves all as it was', async (t) => {
  const node = await startNode(t)
  await node.files.change(write('/d/f', 'f'))
  const root = (await rootOf(node)).toString()
  const broken = (function* () {
    yield Buffer.from('half')
    throw new Error('the client has gone')
  })()
  const refused = [
    writeFile('/d/g', broken, { create: true }),
    writeFile('/d/none', [], {}),
    writeFile('/none/f', [], { create: true }),
    writeFile('/d', [], { create: true }),
    makeFolder('/d'),
    makeFolder('/x/y'),
    copyTo('/none', '/d/g'),
    copyTo('/d/f', '/d/f'),
    copyTo('/d/f', '/d', { force: true }),
    moveTo('/none', '/d/g'),
    moveTo('/d', '/d/inside'),
    moveTo('/', '/d/root'),
    removeFrom('/d'),
    removeFrom('/none'),
    removeFrom('/', { recursive: true, force: true }),
    changeCid('/d/f', 1),
  ]
  for (const operation of refused) await assert.rejects(node.files.change(operation))
  for (const path of ['', 'd', `/${'d/'.repeat(600)}`]) await assert.rejects(node.files.find(path))
  assert.equal((await rootOf(node)).toString(), root)
  assert.equal(await readFile(node, '/d/f'), 'f')
})

test('what is copied, moved and removed is where it should be', async (t) => {
  const node = await startNode(t)
  const added = await addBytes(node, madeBytes(300_000), 'kubo-v1')
  const { files } = node
  await files.change(copyTo(parseCid(added), '/in/added', { parents: 0 }))
  await files.change(copyTo('/in/added', '/copy'))
  await node.pins.remove(parseCid(added))
  await node.collect()
  await files.change(moveTo('/copy', '/in/'))
  await files.change(moveTo('/in/added', '/in/renamed'))
  const names = (await files.list(await files.find('/in'))).map(({ name }) => name)
  assert.deepEqual(names.sort(), ['copy', 'renamed'])
  assert.equal((await files.find('/in/copy')).cid.toString(), added)
  assert.equal(await readFile(node, '/in/renamed'), madeBytes(300_000).toString())
  await files.change(removeFrom('/in', { force: true }))
  assert.deepEqual(await files.list(await files.find('/')), [])
})

test('a directory that grows over the threshold is the one that an import gives, and shrinks back', async (t) => {
  const node = await startNode(t)
  const name = (index: number): string => String(index).padStart(200, '0')
  // A link takes 236 bytes of 256 KiB: the 1111th is over it.
  const entries = Array.from({ length: 1140 }, (_, index) => ({
    path: `d/${name(index)}`,
    content: Buffer.from('abc'),
  }))
  const settings = { ...importProfiles['kubo-v1'], wrap: false, pin: true, pinName: '', onlyHash: false }
  let large = ''
  for await (const { cid } of node.add(entries, settings)) large = cid.toString()
  const small = entries.slice(0, 1080)
  let root: CID | undefined
  for await (const { cid } of importEntries(small, (block) => node.putBlock(block), settings)) root = cid
  assert.ok(root)
  await node.files.change(copyTo(root, '/d'))
  for (const { path } of entries.slice(1080)) {
    await node.files.change(writeFile(`/${path}`, [Buffer.from('abc')], { create: true, cidVersion: 1 }))
  }
  const grown = await node.files.find('/d')
  assert.equal(grown.node.type, 'shard')
  assert.equal(grown.cid.toString(), large)
  assert.equal(await readFile(node, `/d/${name(1100)}`), 'abc')
  for (const { path } of entries.slice(1080)) await node.files.change(removeFrom(`/${path}`))
  assert.equal((await node.files.find('/d')).cid.toString(), root.toString())
})

test('changes at one time follow each other, and a collection takes nothing of them', async (t) => {
  const node = await startNode(t)
  let isWriting = true
  const collecting = (async () => {
    while (isWriting) await node.collect()
  })()
  await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      await node.files.change(write(`/d${index % 3}/f${index}`, madeBytes(5000, `${index}`)))
      if (index % 5 === 0) await node.files.change(copyTo(`/d${index % 3}/f${index}`, `/copy${index}`))
    }),
  )
  isWriting = false
  await collecting
  for (let index = 0; index < 30; index++) {
    assert.equal(await readFile(node, `/d${index % 3}/f${index}`), madeBytes(5000, `${index}`).toString())
  }
  await collectAll(walkDag(node, await rootOf(node)))
})

test('a DAG that is here in part alone can be copied in, and what is here of it stays', async (t) => {
  const node = await startNode(t)
  const root = parseCid(await addBytes(node, madeBytes(600_000), 'kubo-v1'))
  const blocks = await collectAll(walkDag(node, root))
  await node.pins.remove(root)
  await node.blocks.delete(blocks[1]?.cid ?? root)
  await node.files.change(copyTo(root, '/part'))
  await node.collect()
  assert.equal((await node.files.find('/part')).node.size, 600_000)
  await node.get(blocks[2]?.cid ?? root)
  await assert.rejects(readFile(node, '/part'), { code: 'CONTENT_NOT_FOUND' })
})

test('names with backslashes, dots and unicode are names', async (t) => {
  const node = await startNode(t)
  for (const name of ['ends in \\', 'a\\b', '...', 'ünï 码', ' ', '%2F', '__proto__']) {
    await node.files.change(write(`/${name}/${name}`, name))
    assert.equal(await readFile(node, `/x/../${name}/./${name}`), name)
  }
  assert.equal((await node.files.list(await node.files.find('/'))).length, 7)
})
