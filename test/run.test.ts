// What npm test says of a file: nothing that goes wrong in it is passed over.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from './helpers/folder.ts'
import { longest, longestFirst } from './helpers/order.ts'

const cases: Record<string, [string, string]> = {
  'that passes': ['test("one", () => undefined)', '1 passed, 0 failed'],
  'whose test fails': ['test("one", () => { throw new Error("no") })', '0 passed, 1 failed'],
  'with a test that is skipped': ['test("one", { skip: true }, () => undefined)', '0 passed, 1 failed'],
  'with an error that nobody caught': [
    'test("one", () => void Promise.reject(new Error("no")))',
    '1 passed, 1 failed',
  ],
}

for (const [name, [text, said]] of Object.entries(cases)) {
  test(`a file ${name}: ${said}`, async (t) => {
    const path = join(await temporaryFolder(t), 'one.test.mjs')
    await writeFile(path, `import { test } from 'node:test'\n${text}\n`)
    // It would take itself for a file of this run.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const code = await new Promise<number>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', 'test/run.ts', path],
        { env },
        (_error, stdout) => {
          assert.equal(stdout.trim().split('\n').at(-1), said)
          resolve(child.exitCode ?? 1)
        },
      )
    })
    assert.equal(code, said.endsWith(' 0 failed') ? 0 : 1)
  })
}

test('the longest files run first, and all of them are there', async () => {
  for (const path of longest) await access(path)
  const [first = '', second = ''] = longest
  assert.deepEqual(longestFirst(['test/a.test.ts', second, 'test/b.test.ts', first]), [
    ...[first, second, 'test/a.test.ts', 'test/b.test.ts'],
  ])
})
