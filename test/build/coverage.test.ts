import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeBuilder, makeSource } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('a build that tells what of it has run leaves no trace in the next one', async (t) => {
  const text = `import { Host } from '@extism/as-pdk'
export function f(): i32 { Host.outputString('x'); return 0 }`
  const source = await makeSource(join(await temporaryFolder(t), 'covered'), 'f', { 'index.ts': text })
  const before = await makeBuilder(t).compile(source)
  const builder = makeBuilder(t)
  const covered = await builder.compileCovered(source)
  assert.equal(covered?.places.length, 3)
  assert.deepEqual(covered?.module.exports, ['f'])
  assert.equal((await builder.compile(source)).sha256, before.sha256)
})
