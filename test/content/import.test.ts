// CIDs by profile. The vectors are long-published CIDs that every IPFS implementation gives for these inputs: the
// empty file, "hello world\n" and the empty directory, as CIDv0 and CIDv1. Everything else is held by structure,
// not by vectors: chunk sizes, links a node and leaf codec, as IPIP-499 gives them for each profile.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode as decodeNode } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { type ImportEntry, importEntries, importProfiles } from '../../src/content/import.ts'
import type { ImportProfile } from '../../src/model.ts'
import { madeBytes } from '../helpers/content.ts'

interface Imported {
  root: CID
  blocks: Map<string, Uint8Array>
}

async function importAll(profile: ImportProfile, entries: ImportEntry[]): Promise<Imported> {
  const blocks = new Map<string, Uint8Array>()
  const put = async ({ cid, bytes }: { cid: CID; bytes: Uint8Array }): Promise<void> => {
    blocks.set(cid.toString(), bytes)
  }
  let root: CID | undefined
  const options = { ...importProfiles[profile], wrap: false }
  for await (const { cid } of importEntries(entries, put, options)) root = cid
  assert.ok(root)
  return { root, blocks }
}

const rawProfiles: ImportProfile[] = ['unixfs-v1-2025', 'kubo-v1']

test('published CIDs of small files and of the empty directory', async () => {
  const hello = Buffer.from('hello world\n')
  const vectors: [ImportProfile, ImportEntry, string][] = [
    [
      'unixfs-v0-2015',
      { path: 'f', content: Buffer.alloc(0) },
      'QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH',
    ],
    ['unixfs-v0-2015', { path: 'f', content: hello }, 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'],
    ['unixfs-v0-2015', { path: 'd', directory: true }, 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'],
    ...rawProfiles.flatMap((profile): [ImportProfile, ImportEntry, string][] => [
      [
        profile,
        { path: 'f', content: Buffer.alloc(0) },
        'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
      ],
      [profile, { path: 'f', content: hello }, 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'],
      [
        profile,
        { path: 'd', directory: true },
        'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
      ],
    ]),
  ]
  for (const [profile, entry, expected] of vectors) {
    assert.equal((await importAll(profile, [entry])).root.toString(), expected, `${profile} ${entry.path}`)
  }
})

test('a file of one chunk is one raw block under both CIDv1 profiles, and its hash is that of the bytes', async () => {
  const content = madeBytes(262_144)
  const roots = await Promise.all(rawProfiles.map((profile) => importAll(profile, [{ path: 'f', content }])))
  for (const { root, blocks } of roots) {
    assert.equal(root.code, 0x55)
    assert.equal(blocks.size, 1)
    assert.equal(root.toString(), roots[0]?.root.toString())
  }
})

const shapes: { profile: ImportProfile; version: 0 | 1; chunk: number; leafCode: number }[] = [
  { profile: 'unixfs-v1-2025', version: 1, chunk: 1_048_576, leafCode: 0x55 },
  { profile: 'unixfs-v0-2015', version: 0, chunk: 262_144, leafCode: 0x70 },
  { profile: 'kubo-v1', version: 1, chunk: 262_144, leafCode: 0x55 },
]

for (const { profile, version, chunk, leafCode } of shapes) {
  test(`${profile} cuts chunks of ${chunk} bytes into leaves of codec ${leafCode}`, async () => {
    const { root, blocks } = await importAll(profile, [{ path: 'f', content: madeBytes(2 * chunk + 1) }])
    assert.equal(root.version, version)
    const { Links } = decodeNode(blocks.get(root.toString()) ?? new Uint8Array())
    assert.deepEqual(
      Links.map(({ Hash }) => Hash.code),
      [leafCode, leafCode, leafCode],
    )
    if (leafCode === 0x55)
      assert.deepEqual(
        Links.map(({ Tsize }) => Tsize),
        [chunk, chunk, 1],
      )
  })
}

for (const [profile, maxLinks] of [
  ['unixfs-v1-2025', 1024],
  ['kubo-v1', 174],
] as const) {
  test(`${profile} puts at most ${maxLinks} links into a node`, async () => {
    // The same chunk again and again: many links, one stored leaf.
    const chunk = Buffer.alloc(importProfiles[profile].chunkBytes)
    const content = (async function* () {
      for (let index = 0; index <= maxLinks; index++) yield chunk
    })()
    const { root, blocks } = await importAll(profile, [{ path: 'f', content }])
    const top = decodeNode(blocks.get(root.toString()) ?? new Uint8Array()).Links
    assert.equal(top.length, 2)
    const first = decodeNode(blocks.get(top[0]?.Hash.toString() ?? '') ?? new Uint8Array())
    assert.equal(first.Links.length, maxLinks)
  })
}

test('the profile decides the CID: the same 1 MiB has three', async () => {
  const content = madeBytes(1_048_576)
  const roots = await Promise.all(
    shapes.map(async ({ profile }) => (await importAll(profile, [{ path: 'f', content }])).root.toString()),
  )
  assert.equal(new Set(roots).size, 3)
})

test('a directory holds files, folders and symbolic links under their names, hidden and unicode ones too', async () => {
  const entries: ImportEntry[] = [
    { path: 'd/.hidden', content: Buffer.from('h') },
    { path: 'd/ünï 码.txt', content: Buffer.from('u') },
    { path: 'd/link', link: '../elsewhere' },
    { path: 'd/empty', directory: true },
  ]
  const { root, blocks } = await importAll('unixfs-v1-2025', entries)
  const { Links } = decodeNode(blocks.get(root.toString()) ?? new Uint8Array())
  assert.deepEqual(
    new Set(Links.map(({ Name }) => Name)),
    new Set(['.hidden', 'ünï 码.txt', 'link', 'empty']),
  )
})
