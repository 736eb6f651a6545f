// `wasmate pin` as people run it: to the emulator's own service, and to one elsewhere with a token from the environment.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ContentClient } from '../../src/content/client.ts'
import { madeBytes } from '../helpers/content.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { secret, sendJson, startForeignService } from '../helpers/foreign-service.ts'
import { undoAfter } from '../helpers/undo.ts'
import { up, wasmate } from '../helpers/wasmate.ts'

test('pins are added, listed, told of and removed, and a token is in no file and no output', async (t) => {
  const cwd = await temporaryFolder(t)
  const running = await up({ cwd })
  undoAfter(t, () => running.stop())
  const client = new ContentClient({ kuboUrl: running.state.urls.kubo })
  const { cid } = await client.pinFile(madeBytes(300_000), { profile: 'unixfs-v1-2025', name: 'bytes' })
  const outputs: string[] = []
  const run = async (args: string[], env: Record<string, string> = {}): ReturnType<typeof wasmate> => {
    const finished = await wasmate([...args, '--json'], { cwd, env })
    outputs.push(finished.stdout, finished.stderr)
    return finished
  }

  const added = await run(['pin', 'add', cid, '--name', 'bytes'])
  assert.equal(added.code, 0, added.stdout)
  const last = added.json.at(-1) ?? {}
  assert.deepEqual([last['service'], last['status']], ['emulator', 'pinned'])
  const id = String(last['requestid'])
  const listed = await run(['pin', 'list'])
  assert.deepEqual([listed.json[0]?.['count']], [1])
  assert.equal((await run(['pin', 'status', id])).json[0]?.['status'], 'pinned')
  assert.equal((await run(['pin', 'remove', id])).code, 0)
  assert.equal((await run(['pin', 'status', id])).code, 3)

  const foreign = await startForeignService(t, (response) => {
    const error = { reason: 'UNAUTHORIZED', details: `the token ${secret} has expired` }
    sendJson(response, 401, { error })
  })
  const services = { 'else-where': { url: foreign.url }, far: { url: 'https://pins.invalid' } }
  const setting = ['--set', `pinning.services=${JSON.stringify(services)}`]
  const add = ['pin', 'add', cid, ...setting, '--service']
  const without = await run([...add, 'else-where'])
  assert.match(without.stdout, /PINNING_TOKEN_MISSING.*WASMATE_PINNING_TOKEN_ELSE_WHERE/)
  const refused = await run([...add, 'else-where'], { WASMATE_PINNING_TOKEN_ELSE_WHERE: secret })
  assert.match(refused.stdout, /PINNING_REFUSED.*HTTP 401 UNAUTHORIZED: the token \[token\] has expired/)
  const general = await run([...add, 'else-where'], { WASMATE_PINNING_TOKEN: secret })
  assert.equal(general.code, 3)
  assert.deepEqual(foreign.tokens, [`Bearer ${secret}`, `Bearer ${secret}`])
  const far = await run([...add, 'far'], { WASMATE_PINNING_TOKEN: secret })
  assert.equal(far.json[0]?.['event'], 'warning')
  assert.match(far.stdout, /PINNING_OUT_OF_REACH/)
  assert.match((await run(['pin', 'list', '--service', 'none'])).stdout, /PINNING_SERVICE_UNKNOWN/)

  const own = running.state.token
  for (const output of outputs) assert.ok(!output.includes(secret) && !output.includes(own))
  const state = join(cwd, '.wasmate')
  for (const entry of await readdir(state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    assert.ok(!bytes.includes(secret), entry.name)
    assert.ok(entry.name === 'emulator.json' || !bytes.includes(own), entry.name)
  }
})
