// The whole loop as a person runs it: the command line, the real chain, the real node, real threads.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { create } from 'kubo-rpc-client'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { chainIs, freePorts, up, wasmate } from '../helpers/wasmate.ts'
import { until } from '../helpers/until.ts'

const once = async (): Promise<string[]> => {
  const settings = [...freePorts, `devnet.path=${await devnetPath()}`].flatMap((set) => ['--set', set])
  return ['up', '--sample', 'hello', '--once', '--json', ...settings]
}

/** Comes up so late that what is deployed waits for it. */
async function slowDevnet(folder: string): Promise<string> {
  const path = join(folder, 'slow-devnet')
  const script = `#!/bin/sh\ncase "$*" in *--version*) ;; *) sleep 6 ;; esac\nexec ${await devnetPath()} "$@"\n`
  await writeFile(path, script, { mode: 0o755 })
  return path
}

test('up --once takes the sample through every step, each with its facts, and exits with 0', async (context) => {
  const cwd = await temporaryFolder(context)
  const { code, json, stderr } = await wasmate(await once(), { cwd })
  assert.equal(code, 0, stderr)
  const steps = json.map(({ step }) => step)
  for (const step of ['build', 'pin', 'register', 'event', 'fetch', 'load', 'invoke']) {
    // Without a chain yet the function is called by its CID: then fetch and load are behind it already.
    assert.ok(steps.includes(step) || (['fetch', 'load'].includes(step) && steps.includes('invoke')), step)
  }
  const find = (step: string): Record<string, unknown> => json.findLast((line) => line['step'] === step) ?? {}
  const { cid, size } = find('pin')
  assert.match(String(cid), /^bafk/)
  assert.ok(Number(size) > 0)
  assert.equal(find('register')['version'], 1)
  assert.match(String(find('register')['transaction']), /^0x[0-9a-f]+$/)
  assert.ok(Number(find('register')['block']) > 0)
  assert.equal(find('invoke')['output'], 'Hello, wasmate!')
  assert.equal(find('invoke')['cid'], cid)
  assert.ok(json.every(({ ms }) => typeof ms === 'number'))
})

test('the same bytes a second time are not sent again, and answer after a restart', async (context) => {
  const cwd = await temporaryFolder(context)
  const first = await wasmate(await once(), { cwd })
  assert.equal(first.code, 0, first.stderr)
  const chains = { ready: await devnetPath(), slow: await slowDevnet(cwd) }
  for (const [which, path] of Object.entries(chains)) {
    const again = await wasmate([...(await once()), '--set', `devnet.path=${path}`], { cwd })
    assert.equal(again.code, 0, again.stderr)
    const states = again.json.filter(({ step }) => step === 'register').map(({ state }) => state)
    const registered = again.json.findLast(({ step }) => step === 'register')
    assert.deepEqual([registered?.['state'], registered?.['version']], ['unchanged', 1], which)
    if (which === 'slow') assert.deepEqual(states, ['pending', 'unchanged'])
  }
})

test('with --watch a save is answered from the new bytes, under the next version', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd, args: ['--sample', 'hello', '--watch', '--json'] })
  undoAfter(context, () => running.stop())
  const url = `${running.state.urls.functions}/functions/hello`
  const call = async (): Promise<[string, string | null]> => {
    const response = await fetch(url, { method: 'POST', body: 'you' })
    return [await response.text(), response.headers.get('wasmate-cid')]
  }
  await until(async () => (await call())[0] === 'Hello, you!')
  const [, firstCid] = await call()
  const entry = join(cwd, 'hello', 'index.ts')
  await writeFile(entry, (await readFile(entry, 'utf8')).replace('Hello', 'Good day'))
  await until(async () => (await call())[0] === 'Good day, you!')
  const [, secondCid] = await call()
  assert.notEqual(secondCid, firstCid)
  // Whoever adds the same bytes to any Kubo with the same profile gets the same CID.
  const { code } = await wasmate(['build', 'hello', '--out', 'hello.wasm'], { cwd })
  assert.equal(code, 0)
  const kubo = create({ url: `${running.state.urls.kubo}/api/v0` })
  const { cid } = await kubo.add(await readFile(join(cwd, 'hello.wasm')), {
    cidVersion: 1,
    rawLeaves: true,
    onlyHash: true,
  })
  assert.equal(cid.toString(), secondCid)
  const { json } = await wasmate(['list', '--json'], { cwd })
  assert.equal((json[0]?.['functions'] as { versionCount: number }[])[0]?.versionCount, 2)
})

test('a typing mistake is told with its place, the last version goes on answering, and the next save mends it', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd, args: ['--sample', 'hello', '--watch', '--json'] })
  undoAfter(context, () => running.stop())
  const url = `${running.state.urls.functions}/functions/hello`
  const call = async (): Promise<string> => (await fetch(url, { method: 'POST', body: 'you' })).text()
  await until(async () => (await call()) === 'Hello, you!')
  const entry = join(cwd, 'hello', 'index.ts')
  const source = await readFile(entry, 'utf8')
  await writeFile(entry, `${source}\nexport function broken(): i32 { return missing }\n`)
  await until(async () => running.json().some((line) => 'error' in line))
  const { error } = running.json().find((line) => 'error' in line) as {
    error: { code: string; detail: string }
  }
  assert.equal(error.code, 'BUILD_FAILED')
  assert.match(error.detail, new RegExp(`index\\.ts:${source.split('\n').length + 1}:`))
  assert.equal(await call(), 'Hello, you!')
  await writeFile(entry, source.replace('Hello', 'Mended'))
  await until(async () => (await call()) === 'Mended, you!')
})

test('what is written in C goes through the same loop', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  assert.equal((await wasmate(['new', 'greet', '--language', 'c'], { cwd })).code, 0)
  const deployed = await wasmate(['deploy', 'greet', '--wait'], { cwd })
  assert.equal(deployed.code, 0, deployed.stderr)
  const { stdout } = await wasmate(['invoke', 'greet', '--input', 'C'], { cwd })
  assert.equal(stdout, 'Hello, C!')
})
