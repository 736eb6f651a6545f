import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addBytes, startNode, startRpc } from '../../helpers/content.ts'
import { type Answered, commandError, end, file, linesOf, post } from './wire.ts'

const missing = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

// Recorded from Kubo 0.44.0-dev (go-ipfs-cmds 0.16.1).
const misunderstood: [string, string][] = [
  ['cat', 'argument "ipfs-path" is required'],
  ['block/get', 'argument "cid" is required'],
  [`pin/update?arg=${missing}`, 'argument "to-path" is required'],
  ['refs', 'argument "ipfs-path" is required'],
  ['config', 'argument "key" is required'],
  ['block/put', "file argument 'data' is required"],
  ['dag/put', "file argument 'object data' is required"],
  ['dag/import', "file argument 'path' is required"],
  ['pin/ls?names=yes', 'could not convert value "yes" to type "bool" (for option "-names")'],
  ['cat?arg=x&offset=1e3', 'could not convert value "1e3" to type "int64" (for option "-offset")'],
  ['cat?arg=x&o=', 'could not convert empty value to type "int64" (for option "-offset")'],
  ['cat?arg=x&offset=1&offset=2', 'expected key offset to have only a single value, received [1 2]'],
  ['version?encoding=foo', 'invalid encoding: foo'],
]

test('a call that can not be understood is refused with 400 in plain text, in the words of Kubo', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  for (const [path, words] of misunderstood) {
    const { status, text, headers } = await post(url, path)
    assert.deepEqual([status, text], [400, `${words}\n`], path)
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8')
  }
})

test('numbers and flags are read as Go reads them', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const cid = await addBytes(node, Buffer.from('hello\n'))
  const read = async (query: string): Promise<string> => (await post(url, `cat?arg=${cid}&${query}`)).text
  assert.equal(await read('offset=0x3'), 'lo\n')
  assert.equal(await read('offset=03&length=0b1'), 'l')
  assert.equal(await read('offset=-0'), 'hello\n')
  assert.equal(await read('unknown=1'), 'hello\n')
  assert.equal(await read('offset=-1'), commandError('cannot specify negative offset'))
  for (const flag of ['', '1', 't', 'TRUE'])
    assert.match((await post(url, `pin/ls?names=${flag}`)).text, /Keys/)
})

// Recorded from Kubo 0.44.0-dev.
const wrongPaths: [string, string][] = [
  ['nonsense', 'invalid path "nonsense": path does not have enough components'],
  ['Qm', 'invalid path "Qm": path does not have enough components'],
  ['', 'invalid path "": path does not have enough components'],
  [' ', 'invalid path " ": path does not have enough components'],
  ['bafkqabdgn5xq', 'invalid path "bafkqabdgn5xq": path does not have enough components'],
  ['/ipfs/', 'invalid path "/ipfs/": path does not have enough components'],
  ['/ipns/', 'invalid path "/ipns/": path does not have enough components'],
  [`/foo/${missing}`, `invalid path "/foo/${missing}": unknown namespace: "foo"`],
  [missing, `block was not found locally (offline): ipld: could not find ${missing}`],
]

test('what is no path, or leads nowhere, is an error of the command in the words of Kubo', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  for (const command of ['cat', 'block/stat', 'get', 'ls', 'dag/get']) {
    for (const [path, words] of wrongPaths) {
      const { status, text } = await post(url, `${command}?arg=${encodeURIComponent(path)}`)
      assert.deepEqual([status, text], [500, commandError(words)], `${command} ${path}`)
    }
  }
  const long = await post(url, `block/stat?arg=${'a'.repeat(2000)}`)
  assert.equal(long.status, 500)
})

test('a path may be written in every way that Kubo takes', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const added = linesOf(await post(url, 'add?cid-version=1&w=1', file('a', 'hello') + end))
  const root = (added.at(-1) as { Hash: string }).Hash
  const ways = [
    `${root}/a`,
    `/ipfs/${root}/a`,
    `/ipld/${root}/a`,
    `/${root}/a`,
    `ipfs://${root}/a`,
    `ipfs:${root}/a`,
  ]
  for (const path of [...ways, `${root}//a/`, `${root}/b/../a`, `/ipfs/${root.toUpperCase()}/a`]) {
    assert.equal((await post(url, `cat?arg=${encodeURIComponent(path)}`)).text, 'hello', path)
  }
  assert.equal((await post(url, `resolve/${encodeURIComponent(root)}`)).text, `{"Path":"/ipfs/${root}"}\n`)
})

test('thousands of arguments are taken, from the address and from the body', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const cid = await addBytes(node, Buffer.from('x'))
  const inAddress = await post(url, `pin/ls?${`arg=${cid}&`.repeat(5_000)}`)
  assert.deepEqual(linesOf(inAddress), [{ Keys: { [cid]: { Type: 'recursive', Name: '' } } }])
  const inBody = await post(url, 'cat', file('lines', `${cid}\n`.repeat(2_000)) + end)
  assert.equal(inBody.text, 'x'.repeat(2_000))
})

test('POST alone is answered: GET with 405, OPTIONS with what is allowed', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  for (const method of ['GET', 'PUT', 'HEAD', 'DELETE']) {
    const { status, headers } = await fetch(`${url}/api/v0/version`, { method })
    assert.deepEqual([status, headers.get('allow')], [405, 'OPTIONS, POST'], method)
  }
  const options = await fetch(`${url}/api/v0/version`, { method: 'OPTIONS' })
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'OPTIONS, POST'])
})

test('what a browser sends is refused, by its Origin, its Referer or its name', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const from = (headers: Record<string, string>): Promise<Answered> =>
    post(url, 'version', undefined, headers)
  const browsers: Record<string, string>[] = [
    { origin: 'https://example.com' },
    { origin: url },
    { referer: 'https://example.com/page' },
    { 'user-agent': 'Mozilla/5.0' },
  ]
  for (const headers of browsers) {
    const { status, text } = await from(headers)
    assert.deepEqual([status, text], [403, '403 - Forbidden\n'], JSON.stringify(headers))
  }
  assert.equal((await from({ 'user-agent': 'Mozilla/5.0 Electron/30' })).status, 200)
  assert.equal((await from({ 'user-agent': 'curl/8' })).headers.get('access-control-allow-origin'), null)
})

test("a command that is not there gets Kubo's 404, and a group alone an empty answer", async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  for (const path of ['nothing', 'pin/nothing', 'version/deps', 'cat/a/b', 'toString', '__proto__', '']) {
    const { status, text } = await post(url, path)
    assert.deepEqual([status, text], [404, '404 page not found\n'], path)
  }
  const group = await post(url, 'pin')
  assert.deepEqual([group.status, group.text], [200, ''])
})

test('a call ends when the time is over that it gave', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const cid = await addBytes(node, Buffer.alloc(3_000_000))
  const over = await post(url, `cat?arg=${cid}&timeout=1ns`)
  assert.deepEqual([over.status, over.text], [500, commandError('context deadline exceeded')])
  assert.equal((await post(url, `cat?arg=${cid}&timeout=1m30.5s`)).text.length, 3_000_000)
  assert.equal((await post(url, 'version?timeout=soon')).text, 'time: invalid duration "soon"\n')
})
