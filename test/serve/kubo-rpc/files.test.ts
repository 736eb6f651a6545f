// The mutable file system as kubo-rpc-client sees it. Words and shapes are those that Kubo 0.44.0 gives for the same
// calls.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectAll, collectBytes, madeBytes, startNode, startRpc } from '../../helpers/content.ts'

test('write, read, stat, ls, cp, mv and rm by kubo-rpc-client', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const bytes = madeBytes(600_000)
  await client.files.mkdir('/d/e', { parents: true })
  await client.files.write('/d/e/f', bytes, { create: true })
  assert.deepEqual(await collectBytes(client.files.read('/d/e/f')), bytes)
  const part = await collectBytes(client.files.read('/d/e/f', { offset: 262_140, length: 10 }))
  assert.deepEqual(part, bytes.subarray(262_140, 262_150))
  await client.files.cp('/d/e/f', '/d/copy')
  await client.files.mv('/d/copy', '/d/moved')
  const entries = await collectAll(client.files.ls('/d'))
  assert.deepEqual(
    entries.map(({ name, type, size }) => [name, type, size]),
    [
      ['e', 'directory', 0],
      ['moved', 'file', 600_000],
    ],
  )
  const { cid, size, type, blocks } = await client.files.stat('/d/moved')
  assert.deepEqual([size, type, blocks], [600_000, 'file', 3])
  assert.equal(cid.toString(), (await client.add(bytes)).cid.toString())
  await client.files.rm('/d/moved')
  await assert.rejects(client.files.stat('/d/moved'), /file does not exist/)
  await assert.rejects(client.files.rm('/d'))
  await client.files.rm('/d', { recursive: true })
  assert.deepEqual(await collectAll(client.files.ls('/')), [])
})

test('content goes in by its CID, directories change their version, and flush tells the CID', async (t) => {
  const { client, url } = await startRpc(t, await startNode(t))
  const { cid } = await client.add('text', { cidVersion: 1 })
  await client.files.cp(`/ipfs/${cid.toString()}`, '/d/text', { parents: true })
  assert.equal((await client.files.stat('/d')).cid.version, 0)
  // kubo-rpc-client has no such method.
  assert.equal((await call(url, 'chcid?arg=/d&cid-version=1')).status, 200)
  const changed = (await client.files.stat('/d')).cid
  assert.equal(changed.version, 1)
  assert.equal((await client.files.flush('/d')).toString(), changed.toString())
  assert.equal((await collectBytes(client.files.read('/d/text'))).toString(), 'text')
  const absent = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
  await assert.rejects(client.files.cp(`/ipfs/${absent}`, '/absent'), /block was not found locally/)
})

interface Answered {
  status: number
  text: string
}

async function call(url: string, path: string): Promise<Answered> {
  const response = await fetch(`${url}/api/v0/files/${path}`, { method: 'POST' })
  return { status: response.status, text: await response.text() }
}

for (const [path, words] of [
  ['stat?arg=rel', 'paths must start with a leading slash'],
  ['stat?arg=', 'paths must not be empty'],
  ['stat?arg=/none', 'file does not exist'],
  ['read?arg=/none', '/none: file does not exist'],
  ['read?arg=/', '/ was not a file'],
  ['mkdir?arg=/', 'file already exists'],
  ['mkdir?arg=/a/b', 'file does not exist'],
  ['cp?arg=/none&arg=/x', 'cp: cannot get node from path /none: file does not exist'],
  ['mv?arg=/none&arg=/x', 'file does not exist'],
  ['chcid?arg=/none&cid-version=1', 'file does not exist'],
  ['mkdir?arg=/x&cid-version=7', 'unknown CID version: 7'],
] as const) {
  test(`files/${path} is refused in Kubo's words`, async (t) => {
    const { url } = await startRpc(t, await startNode(t))
    const { status, text } = await call(url, path)
    assert.equal(status, 500)
    assert.deepEqual(JSON.parse(text), { Message: words, Code: 0, Type: 'error' })
  })
}

test('an empty directory lists nothing, in the form that Kubo gives it', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  assert.deepEqual(await call(url, 'ls'), { status: 200, text: '{"Entries":null}\n' })
})

test('the part of a DAG that is here is measured when that is asked for', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  await client.files.write('/f', madeBytes(300_000), { create: true, cidVersion: 1, rawLeaves: true })
  const stat = await client.files.stat('/f', { withLocal: true })
  assert.equal(stat.local, true)
  assert.equal(stat.sizeLocal, stat.cumulativeSize)
})
