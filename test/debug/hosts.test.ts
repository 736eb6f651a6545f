// Hosts that are there before they are needed: with the module that is asked for, or gone.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Hosts } from '../../src/debug/host/hosts.ts'
import type { DebuggedModule } from '../../src/runner/debuggee-messages.ts'
import { DebugClient, debugHostModules, debugTarget } from '../helpers/debug-client.ts'
import { compileC } from '../helpers/plugins.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'

const moduleOf = async (answer: number): Promise<DebuggedModule> => {
  const bytes = await compileC(`EXPORT(run) int run(void) { return ${answer}; }`)
  return { bytes, settings: {} }
}
const open = (t: TestContext): Hosts => {
  const hosts = new Hosts(debugHostModules)
  undoAfter(t, () => hosts.end())
  return hosts
}
const processes = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length

test('one that was given the module before is taken with it', async (t) => {
  const module = await moduleOf(1)
  const hosts = open(t)
  hosts.warm()
  hosts.warm(module)
  assert.equal(processes(), 1)
  const host = hosts.take({ ...module, bytes: Buffer.from(module.bytes) })
  undoAfter(t, () => host.end())
  assert.match(await host.load(module), /^\d+$/)
  assert.equal(processes(), 1)
})

test('one that has another module, or other settings, is ended', async (t) => {
  const [module, other] = await Promise.all([moduleOf(1), moduleOf(2)])
  for (const wanted of [other, { ...module, settings: { allowedPaths: {} } }]) {
    const hosts = open(t)
    hosts.warm(module)
    const host = hosts.take(wanted)
    assert.match(await host.load(wanted), /^\d+$/)
    await until(async () => processes() === 1, 'the other is gone')
    await host.end()
  }
})

test('one that died meanwhile is not taken', async (t) => {
  const module = await moduleOf(1)
  const hosts = open(t)
  hosts.warm({ ...module, bytes: Buffer.from('0061736d01000000ff', 'hex') })
  await until(async () => processes() === 0, 'V8 refused the module')
  const host = hosts.take(module)
  undoAfter(t, () => host.end())
  assert.match(await host.load(module), /^\d+$/)
})

test('a session that ends while the module is built leaves none', async (t) => {
  const target = debugTarget((await moduleOf(1)).bytes, 'run')
  let build: () => void = () => undefined
  const built = new Promise<void>((resolve) => (build = resolve))
  const client = new DebugClient(t, () => built.then(() => target))
  const launched = assert.rejects(client.ask('launch'), /CANCELLED/)
  await until(async () => processes() === 1, 'a host is started')
  await client.ask('disconnect')
  build()
  await launched
  await client.hostIsGone()
})
