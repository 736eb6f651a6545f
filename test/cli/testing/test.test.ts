// wasmate test: what a person and a build server see of the cases of a function.

import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CaseEvent, runCasesApart } from '../../../src/client/cases.ts'
import { writeFunction } from '../../helpers/builder.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { cliPath, wasmate } from '../../helpers/wasmate.ts'

const source = `import { Config, Host, Var } from '@extism/as-pdk'
export function echo(): i32 {
  Host.outputString(Host.inputString())
  return 0
}
export function count(): i32 {
  const before = Var.getString('n')
  Var.set('n', Uint8Array.wrap(String.UTF8.encode('seen')))
  Host.outputString(before === null ? 'first' : 'again')
  return 0
}
export function setting(): i32 {
  const value = Config.get('who')
  Host.outputString(value === null ? 'nobody' : value)
  return 0
}
export function spin(): i32 {
  while (true) {}
}
`

async function makeFunction(t: TestContext, cases: object[], text = source): Promise<string> {
  const workspace = await temporaryFolder(t)
  const manifest = { exports: ['echo'], config: { who: 'all' } }
  await writeFunction(workspace, 'f', {
    'index.ts': text,
    'wasmate.json': JSON.stringify(manifest),
    'wasmate.test.json': JSON.stringify({ cases }),
  })
  return workspace
}

const passing = { name: 'echoes', input: 'a', expected: 'a' }
const failing = { name: 'differs', input: { json: { a: 1 } }, expected: { json: { a: 2 } } }

test('all pass: exit code 0, and nothing is left in the workspace', async (t) => {
  const cwd = await makeFunction(t, [
    passing,
    { name: 'has the settings of wasmate.json', export: 'setting', expected: 'all' },
    { name: 'has its own settings', export: 'setting', config: { who: 'one' }, expected: 'one' },
    { name: 'begins without vars', export: 'count', expected: 'first' },
    { name: 'has none of another case', export: 'count', expected: 'first' },
    { name: 'is ended in its time', export: 'spin', timeoutMs: 50, expected: { problem: 'CALL_TIMEOUT' } },
  ])
  const { code, stdout, stderr } = await wasmate(['test'], { cwd })
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /^ok {4}f: echoes {2}[\d.]+ ms$/m)
  assert.match(stdout, /^6 passed, 0 failed, 0 errored/m)
  assert.deepEqual(await readdir(cwd), ['f'])
})

test('one fails: exit code 1, and both sides are shown', async (t) => {
  const cwd = await makeFunction(t, [passing, failing])
  const { code, stdout } = await wasmate(['test', 'f'], { cwd })
  assert.equal(code, 1)
  assert.match(stdout, /^FAIL {2}f: differs/m)
  assert.match(stdout, /expected\n.*\{\n +"a": 2\n.*\}\n +actual\n.*\{\n +"a": 1\n/)
})

test('--json gives an event a line, with the CID that answered', async (t) => {
  const cwd = await makeFunction(t, [passing, failing])
  const { json } = await wasmate(['--json', 'test', '--case', 'differs'], { cwd })
  assert.deepEqual(
    json.map(({ event, case: name, state }) => [event, name, state]),
    [
      ['began', 'differs', undefined],
      ['ended', 'differs', 'failed'],
      ['total', undefined, undefined],
    ],
  )
  assert.match(String(json[1]?.['cid']), /^bafk/)
  assert.equal(json[1]?.['path'], join(cwd, 'f'))
})

test('a source that does not compile, and cases that are none, are problems of that function alone', async (t) => {
  const cwd = await makeFunction(t, [passing])
  await writeFunction(cwd, 'broken', {
    'index.ts': 'export function f(): i32 { return nowhere }',
    'wasmate.test.json': '{"cases":[{"name":"a","expected":""}]}',
  })
  await writeFunction(cwd, 'unreadable', { 'index.ts': source, 'wasmate.test.json': '{' })
  const { code, json } = await wasmate(['--json', 'test'], { cwd })
  assert.equal(code, 1)
  const problems = json.flatMap(({ event, problem }) =>
    event === 'problem' ? [problem as { code: string }] : [],
  )
  assert.deepEqual(problems.map((each) => each.code).sort(), ['BUILD_FAILED', 'CASES_INVALID'])
  const { event, passed, errored } = json.at(-1) ?? {}
  assert.deepEqual({ event, passed, errored }, { event: 'total', passed: 1, errored: 2 })
})

test('a workspace without cases, and a case that is not there, say so', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFunction(cwd, 'g', { 'index.ts': source })
  const none = await wasmate(['test'], { cwd })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /SOURCE_NOT_FOUND.*wasmate\.test\.json/)
  const other = await makeFunction(t, [passing])
  const { code, stdout } = await wasmate(['test', 'f', '--case', 'nothing'], { cwd: other })
  assert.equal(code, 1)
  assert.match(stdout, /has no case nothing/)
})

test('an editor is told of each case as it comes, and ends what runs', async (t) => {
  const folder = await makeFunction(t, [
    passing,
    { name: 'goes on', export: 'spin', timeoutMs: 600_000, expected: '' },
  ])
  const stopper = new AbortController()
  const events: CaseEvent[] = []
  const run = runCasesApart(
    { entry: cliPath, folder, paths: [join(folder, 'f')], names: [], settings: [] },
    (event) => {
      events.push(event)
      if (event.event === 'began' && event.case === 'goes on') stopper.abort()
    },
    stopper.signal,
  )
  await assert.rejects(run, { code: 'CANCELLED' })
  assert.deepEqual(
    events.map(({ event }) => event),
    ['began', 'ended', 'began'],
  )
})

test('an editor is told when it can not begin', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'a.txt'), '')
  const asked = { entry: cliPath, folder, paths: [], names: [], settings: ['runner.maxWorkers=no'] }
  await assert.rejects(
    runCasesApart(asked, () => undefined, new AbortController().signal),
    { code: 'CONFIG_INVALID' },
  )
})
