// The vendored parser is the one that its notice names.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const folder = new URL('../../../src/serve/http1/', import.meta.url)
const sha256 = '2434215e1f7fa0163f22ce895ddbeb83984fa0aa51e123164e053213e5aca028'

test('llhttp.wasm is that of undici 7.30.2, and its notice says so', async () => {
  const wasm = await readFile(new URL('llhttp.wasm', folder))
  assert.equal(createHash('sha256').update(wasm).digest('hex'), sha256)
  const notice = await readFile(new URL('llhttp.LICENSE.txt', folder), 'utf8')
  assert.match(notice, new RegExp(`undici 7\\.30\\.2[^]*${sha256}`))
})
