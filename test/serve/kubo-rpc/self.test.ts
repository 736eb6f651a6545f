import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { refusedEndpoints } from '../../../src/serve/kubo-rpc/refusals.ts'
import { allEndpoints } from '../../../src/serve/kubo-rpc/server.ts'
import { signatures } from '../../../src/serve/kubo-rpc/request/signatures.ts'
import { addBytes, collectAll, madeBytes, startNode, startRpc } from '../../helpers/content.ts'
import { commandError, linesOf, post } from './wire.ts'

const otherPeer = '12D3KooWBfnf3cyLZjhXEnLLz8h7MdgGdsG3RBm7jJ7xHZDZ7ceM'

test('version, id and repo tell of this node and of no other', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  await addBytes(node, madeBytes(3_000_000))
  assert.equal((await client.version()).version, '1.2.3')
  const id = await client.id()
  assert.match(id.id.toString(), /^12D3KooW/)
  const { numObjects, repoSize, repoPath } = await client.repo.stat()
  assert.deepEqual([numObjects, repoPath], [4n, node.folder])
  assert.ok(repoSize > 3_000_000n)
  assert.equal(await client.repo.version(), 'wasmate@1')
  const small = linesOf(await post(url, 'repo/stat?size-only=true'))[0] as Record<string, unknown>
  assert.deepEqual([small.NumObjects, small.RepoPath, BigInt(Number(small.RepoSize))], [0, '', repoSize])
})

test('id is its own in every notation; of another peer nothing is known', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const idOf = async (query: string): Promise<string> =>
    (linesOf(await post(url, `id?${query}`))[0] as { ID: string }).ID
  const own = await idOf('')
  const name = await idOf('peerid-base=base36')
  assert.match(name, /^k51qzi5uqu5d/)
  assert.deepEqual([await idOf(`arg=${own}`), await idOf(`arg=${name}`)], [own, own])
  assert.match((await post(url, `id?arg=${otherPeer}`)).text, /cannot query information on remote peers/)
  assert.equal((await post(url, 'id?arg=junk')).text, commandError('invalid peer id'))
})

test('there is one key, self, and no other is made', async (t) => {
  const { url, client } = await startRpc(t, await startNode(t))
  const [key, ...others] = await client.key.list()
  assert.deepEqual([key?.name, others], ['self', []])
  assert.match(key?.id ?? '', /^k51qzi5uqu5d/)
  await assert.rejects(client.key.gen('mine'), /this node has one key/)
  await assert.rejects(client.key.rm('mine'), /no key named mine was found/)
  assert.equal((await post(url, 'key/gen?arg=self')).text, commandError("cannot create key with name 'self'"))
})

test('the configuration is read, key by key, and not changed', async (t) => {
  const { url, client } = await startRpc(t, await startNode(t))
  assert.deepEqual(await client.config.get('Addresses.Swarm'), [])
  assert.equal(await client.config.get('Identity.PeerID'), (await client.id()).id.toString())
  assert.deepEqual((await client.config.getAll()).Bootstrap, [])
  await assert.rejects(
    client.config.get('Addresses.Nope'),
    /failed to get config value: "Addresses.Nope not found"/,
  )
  await assert.rejects(client.config.get('__proto__'), /not found/)
  await assert.rejects(client.config.set('Addresses.Swarm', 'x'), /is not changed/)
  const secret = await post(url, 'config?arg=Identity.PrivKey')
  assert.equal(secret.text, commandError('cannot show or change private key through API'))
  assert.equal((await post(url, 'config/profile/apply?arg=nope')).text, commandError('nope is not a profile'))
  assert.match((await post(url, 'config/profile/apply?arg=server')).text, /is not changed/)
})

test('there are no peers, and none is called', async (t) => {
  const { url, client } = await startRpc(t, await startNode(t))
  assert.deepEqual(await client.swarm.peers(), [])
  assert.deepEqual(await client.swarm.addrs(), [])
  assert.deepEqual(await client.swarm.localAddrs(), [])
  const called = await post(url, `swarm/connect?arg=/ip4/127.0.0.1/tcp/4001/p2p/${otherPeer}`)
  const words = "this action must be run in online mode, try running 'ipfs daemon' first"
  assert.equal(called.text, commandError(`connect ${otherPeer} failure: ${words}`))
  const malformed = await post(url, 'swarm/connect?arg=junk')
  assert.equal(malformed.text, commandError('failed to parse multiaddr "junk": must begin with /'))
})

test('what the node never does is refused as an offline Kubo refuses it', async (t) => {
  const { url, client } = await startRpc(t, await startNode(t))
  const online = "this command must be run in online mode. Try running 'ipfs daemon' first"
  const words: [string, string][] = [
    [`ping?arg=${otherPeer}`, online],
    [`routing/findprovs?arg=${otherPeer}`, online],
    ['mount', online],
    ['name/resolve', 'could not resolve name'],
    ['object/get', "removed, use 'ipfs dag' or 'ipfs files' instead"],
    ['dht/get', "removed, use 'ipfs routing' instead"],
    ['p2p/ls', 'libp2p stream mounting not enabled'],
  ]
  for (const [path, reason] of words) {
    const { status, text } = await post(url, path)
    assert.deepEqual([status, text], [500, commandError(reason)], path)
  }
  await assert.rejects(client.stop(), /this node ends with the emulator/)
  await assert.rejects(client.bitswap.stat(), /unable to run offline/)
  assert.equal((await post(url, 'name/publish?arg=junk')).status, 500)
})

test('repo/verify names the damaged block and fails, or drops it when that is asked for', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  await addBytes(node, Buffer.from('one'))
  assert.deepEqual(linesOf(await post(url, 'repo/verify')), [
    { Msg: '', Progress: 1 },
    { Msg: 'verify complete, all blocks validated.', Progress: 0 },
  ])
  const [stored] = await collectAll(node.blocks.list())
  assert.ok(stored)
  await writeFile(node.blocks.pathOf(stored), 'other')
  await assert.rejects(post(url, 'repo/verify'), /terminated/)
  const dropped = linesOf(await post(url, 'repo/verify?drop=true')) as { Msg: string }[]
  assert.match(dropped[0]?.Msg ?? '', new RegExp(`^block ${stored.toString()} was corrupt .*, removed$`))
  assert.equal(dropped.at(-1)?.Msg, 'verify complete, 1 blocks corrupt, 1 removed')
  assert.deepEqual(await collectAll(node.blocks.list()), [])
  assert.match((await post(url, 'repo/verify?heal=true')).text, /must be run in online mode/)
})

test('repo/gc is silent when that is asked for, and collects all the same', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  await client.add('loose', { pin: false })
  assert.equal((await post(url, 'repo/gc?silent=true')).text, '')
  assert.deepEqual(await collectAll(node.blocks.list()), [])
})

test('commands lists what there is, with all names of the options', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const { Name, Subcommands } = (await client.commands()) as unknown as {
    Name: string
    Subcommands: { Name: string; Options: { Names: string[] }[] }[]
  }
  assert.equal(Name, 'ipfs')
  const cat = Subcommands.find((command) => command.Name === 'cat')
  assert.deepEqual(cat?.Options.slice(0, 2), [{ Names: ['offset', 'o'] }, { Names: ['length', 'l'] }])
})

test('every endpoint has a signature, and docs/kubo-rpc.md says whether it is served or refused', async () => {
  const endpoints = Object.keys(allEndpoints('', () => ({ API: '', Gateway: '' }))).sort()
  assert.deepEqual(
    endpoints.filter((path) => !signatures.has(path)),
    [],
  )
  const docs = await readFile(join(import.meta.dirname, '../../../docs/kubo-rpc.md'), 'utf8')
  const rows = [...docs.matchAll(/^\| `([^`]+)` +\| (\w+)/gm)].map(([, path = '', word = '']) => [path, word])
  const refused = new Set(Object.keys(refusedEndpoints))
  assert.deepEqual(rows.map(([path]) => path).sort(), endpoints)
  for (const [path = '', word] of rows) {
    if (refused.has(path)) assert.equal(word, 'refused', path)
  }
})
