import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectAll, collectBytes, startNode, startRpc } from '../../helpers/content.ts'
import { type Answered, commandError, end, file, part, post } from './wire.ts'

test('to-files gives what is at the top a place in the mutable file system, and overwrites nothing there', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const add = (to: string, ...parts: string[]): Promise<Answered> =>
    post(url, `add?to-files=${to}`, parts.join('') + end, { 'user-agent': 'go-ipfs-cmds/http' })
  await add('/', file('d/x', 'one'), file('y', 'two'))
  await add('/z', file('x', 'three'))
  const names = (await collectAll(client.files.ls('/'))).map(({ name }) => name)
  assert.deepEqual(names, ['d', 'y', 'z'])
  assert.equal((await collectBytes(client.files.read('/d/x'))).toString(), 'one')
  await node.collect()
  assert.equal((await collectBytes(client.files.read('/z'))).toString(), 'three')
  for (const to of ['/z', '/z/', '/none/', '/none/x', 'relative']) {
    assert.match((await add(to, file('x', 'four'))).text, /^{"Name":"x"/, to)
    assert.equal((await collectBytes(client.files.read('/z'))).toString(), 'three', to)
  }
  await add('/both', file('a', 'a'), file('b', 'b'))
  assert.equal((await collectBytes(client.files.read('/both'))).toString(), 'a')
  const unnamed = await add('/', part(undefined, 'application/octet-stream', 'x'))
  assert.equal(unnamed.text, commandError('to-files: cannot add unnamed files to MFS'))
})
