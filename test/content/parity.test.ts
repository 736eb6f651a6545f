// The same CIDs as Kubo: vectors recorded with a real one (its version is in the file) by parity-record.ts, from
// inputs that are made again here.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { type ImportSettings, importEntries, importProfiles } from '../../src/content/import.ts'
import { startNode, startRpc } from '../helpers/content.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { type InputEntry, inputs } from '../helpers/inputs.ts'
import { undoAfter } from '../helpers/undo.ts'
import { up } from '../helpers/wasmate.ts'

const profileNames = ['kubo-v1', 'unixfs-v0-2015', 'unixfs-v1-2025'] as const
const recorded = z
  .object({ kubo: z.string(), cids: z.record(z.enum(profileNames), z.record(z.string(), z.string())) })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/cid-parity.json', import.meta.url), 'utf8')))

async function importRoot(entries: InputEntry[], settings: ImportSettings): Promise<string> {
  let root = ''
  for await (const { cid } of importEntries(entries, async () => undefined, { ...settings, wrap: false })) {
    root = cid.toString()
  }
  return root
}

/** As `ipfs add` sends it: names escaped as in a query, directories before what is in them. */
async function addOverRpc(url: string, entries: InputEntry[], settings: ImportSettings): Promise<string> {
  const boundary = 'parity-boundary'
  const body = entries.flatMap((entry) => {
    const kind = 'content' in entry ? 'octet-stream' : 'link' in entry ? 'symlink' : 'x-directory'
    const content = 'content' in entry ? entry.content : Buffer.from('link' in entry ? entry.link : '')
    const name = encodeURIComponent(entry.path).replaceAll('%20', '+')
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/${kind}\r\n\r\n`
    return [Buffer.from(head), content, Buffer.from('\r\n')]
  })
  const query = new URLSearchParams({
    'cid-version': String(settings.cidVersion),
    'raw-leaves': String(settings.rawLeaves),
    chunker: `size-${settings.chunkBytes}`,
    'max-file-links': String(settings.maxLinks),
    'only-hash': 'true',
  })
  const response = await fetch(`${url}/api/v0/add?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`)]),
  })
  const lines = (await response.text()).split('\n').filter(Boolean)
  return z.object({ Hash: z.string() }).parse(JSON.parse(lines.at(-1) ?? '{}')).Hash
}

for (const profile of profileNames) {
  const settings = importProfiles[profile]
  const expected = recorded.cids[profile]

  test(`${profile}: ${inputs.length} inputs have the CIDs that Kubo ${recorded.kubo} gives them`, async () => {
    assert.deepEqual(
      Object.keys(expected),
      inputs.map(({ name }) => name),
    )
    for (const { name, entries } of inputs) {
      assert.equal(await importRoot(entries(), settings), expected[name], name)
    }
  })

  test(`${profile}: the same CIDs come out of add over the RPC`, async (t) => {
    // The emulator's own process: here each promise of an import would be followed by node:test as well.
    const cwd = await temporaryFolder(t)
    const running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
    undoAfter(t, () => running.stop())
    for (const { name, entries } of inputs) {
      assert.equal(await addOverRpc(running.state.urls.kubo, entries(), settings), expected[name], name)
    }
  })

  test(`${profile}: and out of kubo-rpc-client, which stores them`, async (t) => {
    const { client } = await startRpc(t, await startNode(t))
    const { cidVersion, rawLeaves, chunkBytes, maxLinks } = settings
    const options = { cidVersion, rawLeaves, chunker: `size-${chunkBytes}`, maxFileLinks: maxLinks }
    for (const name of ['file of 1048577 bytes', 'hidden files', 'odd names', 'directories with odd names']) {
      let root = ''
      const entries = inputs.find((input) => input.name === name)?.entries() ?? []
      for await (const { cid } of client.addAll(entries, options)) root = cid.toString()
      assert.equal(root, expected[name], name)
    }
  })
}
