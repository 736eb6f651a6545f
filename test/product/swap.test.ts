// A function that is deployed again and again while many call it: no call fails, and none is of two versions.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileC } from '../helpers/plugins.ts'
import { chainIs, up, wasmate } from '../helpers/wasmate.ts'

const callers = 50
const versions = 10

test('ten versions take over from each other under load', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
  t.after(() => rm(cwd, { recursive: true, force: true }))
  const modules = await Promise.all(
    Array.from({ length: versions }, (_, index) => {
      return compileC(`EXPORT(words) int words(void) { say("words of ${index}"); return 0; }`)
    }),
  )
  const running = await up({ cwd })
  t.after(() => running.stop())
  const url = `${running.state.urls.functions}/functions/words`
  await chainIs(running.state, 'ready')

  const ask = async (): Promise<[cid: string, words: string]> => {
    const response = await fetch(url, { method: 'POST' })
    const words = await response.text()
    assert.equal(response.status, 200, words)
    return [response.headers.get('wasmate-cid') ?? '', words]
  }
  const deploy = async (index: number): Promise<void> => {
    await writeFile(join(cwd, 'words.wasm'), modules[index] ?? new Uint8Array())
    const { code, stderr } = await wasmate(['deploy', 'words.wasm', '--wait'], { cwd })
    assert.equal(code, 0, stderr)
    // Whoever asks after the deployment was told gets the new version.
    const [, words] = await ask()
    assert.equal(words, `words of ${index}`)
  }

  await deploy(0)
  const seen = new Map<string, Set<string>>()
  let isOver = false
  let calls = 0
  const load = Array.from({ length: callers }, async () => {
    let last = -1
    while (!isOver) {
      const [cid, words] = await ask()
      seen.set(cid, (seen.get(cid) ?? new Set()).add(words))
      calls++
      // One call after another: time does not run backwards.
      const index = Number(words.slice('words of '.length))
      assert.ok(index >= last, `${words} came after version ${last}`)
      last = index
    }
  })
  const loaded = Promise.all(load)
  try {
    for (let index = 1; index < versions; index++) await Promise.race([deploy(index), loaded])
  } finally {
    isOver = true
  }
  await loaded
  t.diagnostic(`${calls} calls`)
  for (const [cid, words] of seen) assert.equal(words.size, 1, `${cid} said ${[...words].join(' and ')}`)
  assert.equal(seen.size, versions)
  assert.equal(new Set([...seen.values()].flatMap((words) => [...words])).size, versions)
})
