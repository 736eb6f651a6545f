// A folder by CID: whole and with its paths, or refused before anything is made of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { type Block, codecOf, makeBlock } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { FolderFile } from '../../src/content/dag/folder.ts'
import { encodeCar } from '../../src/content/car.ts'
import { importProfiles } from '../../src/content/import.ts'
import { retrieveFile, retrieveFolder } from '../../src/content/retrieval/retrieve.ts'
import {
  addDefaults,
  collectAll,
  collectBytes,
  madeBytes,
  startGateway,
  startNode,
} from '../helpers/content.ts'
import { startFalseGateway } from '../helpers/gateways.ts'

const limits = { maxBytes: 4 * 1024 * 1024, maxFiles: 50 }

interface Link {
  name: string
  cid: CID
}

function shard(links: Link[]): Block {
  return directory(links, new UnixFS({ type: 'hamt-sharded-directory', fanout: 256n, hashType: 0x22n }))
}

function directory(links: Link[], data = new UnixFS({ type: 'directory' })): Block {
  const Links = links.map(({ name, cid }) => ({ Name: name, Hash: cid, Tsize: 1 }))
  return makeBlock(dagPb.encode({ Data: data.marshal(), Links }), codecOf('dag-pb'))
}

function file(parts: Block[], sizes: number[], data = Buffer.alloc(0)): Block {
  const node = new UnixFS({ type: 'file', data, blockSizes: sizes.map(BigInt) })
  const Links = parts.map(({ cid }) => ({ Name: '', Hash: cid, Tsize: 1 }))
  return makeBlock(dagPb.encode({ Data: node.marshal(), Links }), codecOf('dag-pb'))
}

const leaf = makeBlock(Buffer.from('int x;\n'), codecOf('raw'))

/** A gateway that has these blocks and sends them as it should, the root first. */
async function serve(t: Parameters<typeof startFalseGateway>[0], blocks: Block[]): Promise<string> {
  const { url } = await startFalseGateway(t, async (response, asked) => {
    const from = blocks.findIndex(({ cid }) => cid.toString() === asked)
    const root = blocks[from]
    if (!root) return void response.writeHead(404).end()
    response.end(await collectBytes(encodeCar([root.cid], blocks.slice(from))))
  })
  return url
}

async function get(
  t: Parameters<typeof startFalseGateway>[0],
  blocks: Block[],
  more: object = {},
): Promise<FolderFile[]> {
  const gateways = [await serve(t, blocks)]
  return retrieveFolder(String(blocks[0]?.cid), { ...limits, ...more, gateways })
}

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015'] as const) {
  test(`a folder comes back file by file (${profile})`, async (t) => {
    const node = await startNode(t)
    const sent = [
      { path: 'd/main.c', content: madeBytes(10) },
      { path: 'd/sub/deep/part.h', content: madeBytes(700_000) },
      { path: 'd/sub/empty', content: Buffer.alloc(0) },
    ]
    const entries = await collectAll(node.add(sent, { ...addDefaults, ...importProfiles[profile] }))
    const files = await retrieveFolder(String(entries.at(-1)?.cid), {
      ...limits,
      gateways: [await startGateway(t, node)],
    })
    assert.deepEqual(
      files.map(({ path, bytes }) => [`d/${path}`, Buffer.from(bytes)]),
      sent.map(({ path, content }) => [path, content]),
    )
  })
}

test('a sharded folder comes back with the names of its files', async (t) => {
  const below = shard([{ name: '01b', cid: leaf.cid }])
  const root = shard([
    { name: '00a', cid: leaf.cid },
    { name: '02', cid: below.cid },
  ])
  const files = await get(t, [root, leaf, below])
  assert.deepEqual(
    files.map(({ path }) => path),
    ['a', 'b'],
  )
})

test('a file is no folder', async (t) => {
  await assert.rejects(get(t, [leaf]), { code: 'CONTENT_NOT_FOUND', message: /is a raw, not a folder/ })
})

test('names that lead elsewhere are refused', async (t) => {
  for (const name of ['..', '.', '', '/etc/passwd', '../x', 'a/b', 'a\\b', 'a\0b', '\u001b[2J']) {
    const root = directory([{ name, cid: leaf.cid }])
    await assert.rejects(
      get(t, [root, leaf]),
      { code: 'FOLDER_REFUSED', message: /no plain file name/ },
      name,
    )
  }
})

test('a symbolic link is refused', async (t) => {
  const node = new UnixFS({ type: 'symlink', data: Buffer.from('/etc/passwd') })
  const link = makeBlock(dagPb.encode({ Data: node.marshal(), Links: [] }), codecOf('dag-pb'))
  await assert.rejects(get(t, [directory([{ name: 'main.c', cid: link.cid }]), link]), {
    code: 'FOLDER_REFUSED',
    message: /"main\.c" is a symbolic link/,
  })
})

test('too many files are refused, too many bytes as well, however small their DAG is', async (t) => {
  const links = Array.from({ length: 51 }, (_, index) => ({ name: `f${index + 100}`, cid: leaf.cid }))
  await assert.rejects(get(t, [directory(links), leaf]), {
    code: 'FOLDER_REFUSED',
    message: /more than 50 files/,
  })
  const large = makeBlock(madeBytes(1024 * 1024), codecOf('raw'))
  const five = links.slice(0, 5).map(({ name }) => ({ name, cid: large.cid }))
  await assert.rejects(get(t, [directory(five), large]), { code: 'CONTENT_TOO_LARGE' })
})

test('a folder that doubles at each step, or goes ever deeper, is given up', async (t) => {
  for (const names of [['a', 'b'], ['a']]) {
    const blocks = [directory([])]
    for (let depth = 0; depth < 60; depth++) {
      const [below = leaf] = blocks
      blocks.unshift(directory(names.map((name) => ({ name, cid: below.cid }))))
    }
    await assert.rejects(get(t, blocks), { code: 'FOLDER_REFUSED' })
  }
})

test('a sharded folder that hangs in itself many times is given up', async (t) => {
  const blocks = [shard([])]
  for (let depth = 0; depth < 40; depth++) {
    const [below = leaf] = blocks
    blocks.unshift(shard(['00', '01'].map((name) => ({ name, cid: below.cid }))))
  }
  await assert.rejects(get(t, blocks), { code: 'CODEC_UNSUPPORTED', message: /twice/ })
  const gateways = [await serve(t, blocks)]
  const file = retrieveFile(String(blocks[0]?.cid), { gateways, maxBytes: limits.maxBytes })
  await assert.rejects(file, { code: 'CODEC_UNSUPPORTED' })
})

test('a file whose parts double and hold nothing is read, and soon', async (t) => {
  let part = file([], [])
  const blocks = [part]
  for (let depth = 0; depth < 60; depth++) {
    part = file([part, part], [0, 0])
    blocks.unshift(part)
  }
  const root = file([part], [0], Buffer.from('x'))
  const folder = directory([{ name: 'f', cid: root.cid }])
  const files = await get(t, [folder, root, ...blocks])
  assert.deepEqual(files, [{ path: 'f', bytes: Buffer.from('x') }])
})

test('a gateway that sends the same blocks without end holds nobody', async (t) => {
  const links = Array.from({ length: 400 }, (_, index) => ({ name: `${index + 100}`, cid: leaf.cid }))
  const blocks = [directory(links)]
  for (let depth = 0; depth < 3; depth++) {
    const [below = leaf] = blocks
    blocks.unshift(directory(links.map(({ name }) => ({ name, cid: below.cid }))))
  }
  const [root = leaf] = blocks
  const reader = {
    get: async (cid: CID) => blocks.find((block) => block.cid.equals(cid))?.bytes ?? leaf.bytes,
  }
  const endless = await startFalseGateway(t, async (response) => {
    for await (const chunk of encodeCar([root.cid], walkDag(reader, root.cid, { duplicates: true }))) {
      if (response.destroyed) return
      if (!response.write(chunk))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
    }
  })
  const work = retrieveFolder(root.cid.toString(), { ...limits, gateways: [endless.url] })
  await assert.rejects(work, { code: 'FOLDER_REFUSED' })
})
