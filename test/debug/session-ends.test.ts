// How sessions end that do not go well: each time it is said, and no process is left.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError } from '../../src/base/errors.ts'
import { DebugClient, debugTarget } from '../helpers/debug-client.ts'
import { compileC } from '../helpers/plugins.ts'

const spins = `
static volatile int one = 1;
EXPORT(spin) int spin(void) { while (one); return 0; }
`

test('what prepares the call fails: the launch is refused with its words, and the session is over', async (t) => {
  const client = new DebugClient(t, async () => {
    throw new WasmateError('BUILD_FAILED', 'index.ts:1:1: {no}')
  })
  // Breakpoints that wait for the module are answered.
  await assert.rejects(client.launch('/none.c'), /^Error: BUILD_FAILED: .*index\.ts:1:1: \(no\)/)
  await client.event('terminated')
  await client.hostIsGone()
})

test('bytes that V8 refuses: the launch is refused', async (t) => {
  const given = debugTarget(await compileC(spins), 'spin')
  const bytes = Buffer.from('0061736d01000000ff', 'hex')
  const client = new DebugClient(t, { ...given, module: { ...given.module, bytes } })
  await assert.rejects(client.launch('/none.c'))
  await client.event('terminated')
  await client.hostIsGone()
})

test('the host is killed: that is said, and the session is over', async (t) => {
  const client = new DebugClient(t, debugTarget(await compileC(spins), 'spin'))
  await client.launch('/none.c')
  process.kill(client.hostPid, 'SIGKILL')
  await client.event('terminated')
  assert.match(client.output, /the debug host ended \(SIGKILL\)/)
  await assert.rejects(client.ask('stackTrace', { threadId: 1 }), /not stopped/)
})

test('before it has begun it answers nothing but what it can', async (t) => {
  const client = new DebugClient(t, debugTarget(await compileC(spins), 'spin'))
  await assert.rejects(client.ask('stackTrace', { threadId: 1 }), /the call has not begun/)
  await client.launch('/none.c')
  await assert.rejects(client.ask('nonsense'), /nonsense is not known here/)
})

test('a watch or a hover of what is not there says so where it stands: no fault of ours, and no notification', async (t) => {
  const source = 'EXPORT(adds) int adds(void) { int one = 1; return one + 1; }'
  const client = new DebugClient(t, debugTarget(await compileC(source), 'adds'))
  await client.launch('/none.c', [], { stopOnEntry: true })
  await client.stop()
  assert.match(await client.evaluate('none'), /^\w+: there is no none here$/)
  assert.match(await client.evaluate('1 +'), /^\w+: something is missing$/)
  assert.deepEqual(client.notified, [])
  // What was asked for by a button has no other place.
  await assert.rejects(client.ask('stepBack'), /^Error: \w+: at the beginning$/)
  assert.deepEqual(client.notified, ['at the beginning'])
})
