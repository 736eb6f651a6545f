// Receipts as people meet them: a call leaves one, the command line replays it, and what is wrong with one is told.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Running, up, wasmate } from '../helpers/wasmate.ts'

suite('receipts of a running emulator', { timeout: 240_000 }, () => {
  let cwd: string
  let running: Running
  let cid: string

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    await wasmate(['new', 'hello'], { cwd })
    // A chain is not needed.
    running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
    const { json } = await wasmate(['deploy', 'hello', '--json'], { cwd })
    cid = (json[0] as { pin: { cid: string } }).pin.cid
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const invoke = async (input: string): Promise<Record<string, unknown>> => {
    const { json, stderr } = await wasmate(['invoke', cid, '--input', input, '--json'], { cwd })
    return json[0] ?? { stderr }
  }

  test('a call leaves a receipt, and it replays to the same bytes, without a chain', async () => {
    const answer = await invoke('world')
    const receipt = String(answer['receipt'])
    const { code, json } = await wasmate(['replay', receipt, '--json'], { cwd })
    assert.equal(code, 0)
    assert.deepEqual([json[0]?.['same'], json[0]?.['module'], json[0]?.['faithful']], [true, cid, true])
    const text = await wasmate(['replay', receipt], { cwd })
    assert.match(text.stdout, /^the same {2}/)
  })
})
