// The Test Explorer: cases of wasmate.test.json found, run, cancelled, run again at a save.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import {
  CancellationTokenSource,
  type MarkdownString,
  Range,
  type TestItem,
  TestRunRequest,
  Uri,
  WorkspaceEdit,
  commands,
  extensions,
  workspace,
} from 'vscode'
import type { Api } from '../../src/extension.ts'
import { until } from '../helpers/until.ts'
import { fs } from './editor.ts'
import { type Watched, watchRuns } from './runs.ts'

const [folder] = workspace.workspaceFolders ?? []
const place = (...path: string[]): Uri => Uri.joinPath(folder?.uri ?? Uri.file('/'), ...path)

const source = `import { Host } from '@extism/as-pdk'
export function say(): i32 {
  Host.outputString(Host.inputString())
  return 0
}
export function spin(): i32 {
  while (true) {}
}
`
const cases = {
  cases: [
    { name: 'says it', export: 'say', input: 'a', expected: 'a' },
    { name: 'says another', export: 'say', input: 'b', expected: 'c' },
    { name: 'fails as it should', export: 'nothing', expected: { problem: 'EXPORT_NOT_FOUND' } },
    { name: 'has no such file', export: 'say', input: { file: 'missing' }, expected: 'x' },
  ],
}
const endless = { cases: [{ name: 'goes on', export: 'spin', expected: 'never', timeoutMs: 600_000 }] }

function textOf(message: string | MarkdownString | undefined): string {
  return typeof message === 'string' ? message : (message?.value ?? '')
}

describe('the Test Explorer', () => {
  let testing: Api['testing']
  let runs: Watched[] = []
  const text = (uri: Uri, content: unknown): Thenable<void> =>
    fs.writeFile(uri, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content, null, 2)))
  const item = (name: string): TestItem | undefined =>
    testing.controller.items.get(place(name, 'wasmate.test.json').toString())
  const run = async (
    include: TestItem[] | undefined,
    source = new CancellationTokenSource(),
  ): Promise<Watched> => {
    await testing.profile.runHandler(new TestRunRequest(include), source.token)
    return runs.at(-1) ?? assert.fail('no run')
  }

  before(async () => {
    await text(place('sayer', 'index.ts'), source)
    await text(place('sayer', 'wasmate.test.json'), cases)
    await text(place('spinner', 'index.ts'), source)
    await text(place('spinner', 'wasmate.test.json'), endless)
    const extension = extensions.getExtension<Api>('wasmate.wasmate')
    const api = (await extension?.activate()) ?? assert.fail('no extension')
    testing = api.testing
    runs = watchRuns(testing.controller)
    await testing.controller.resolveHandler?.(undefined)
  })

  after(async () => {
    for (const name of ['sayer', 'spinner']) await fs.delete(place(name), { recursive: true })
    await until(async () => testing.controller.items.size === 0, 'the items to go')
    await commands.executeCommand('workbench.action.closeAllEditors')
  })

  it('shows each function with its cases, where they stand in the file', () => {
    const shown = item('sayer')
    assert.equal(shown?.label, 'sayer')
    const found = [...(shown?.children ?? [])].map(([, { id, range }]) => [id, range?.start.line])
    assert.deepEqual(found, [
      ['says it', 2],
      ['says another', 8],
      ['fails as it should', 14],
      ['has no such file', 21],
    ])
  })

  it('shows what passed, what differs, and what could not be run', async () => {
    const { shown, started, output, ended } = await run([item('sayer') ?? assert.fail()])
    assert.deepEqual(
      [...shown].map(([id, { state }]) => [id, state]),
      [
        ['says it', 'passed'],
        ['says another', 'failed'],
        ['fails as it should', 'passed'],
        ['has no such file', 'errored'],
      ],
    )
    const { message } = shown.get('says another') ?? {}
    assert.deepEqual([message?.expectedOutput, message?.actualOutput], ['c', 'b'])
    assert.equal(message?.location?.range.start.line, 8)
    assert.match(textOf(shown.get('has no such file')?.message?.message), /missing/)
    assert.equal(started.length, 4)
    assert.match(output, /sayer: says it\r\n {2}bafk/)
    assert.ok(ended)
  })

  it('shows what of the source a case has run, line by line', async () => {
    const only = item('sayer')?.children.get('says it') ?? assert.fail()
    const { token } = new CancellationTokenSource()
    await testing.coverage.runHandler(new TestRunRequest([only]), token)
    const { covered, shown } = runs.at(-1) ?? assert.fail('no run')
    assert.equal(shown.get('says it')?.state, 'passed')
    const [file, ...others] = covered
    assert.ok(file && others.length === 0)
    assert.equal(file.uri.path, place('sayer', 'index.ts').path)
    assert.deepEqual({ ...file.statementCoverage }, { covered: 2, total: 3 })
    assert.deepEqual({ ...file.declarationCoverage }, { covered: 1, total: 2 })
    const run = testing.controller.createTestRun(new TestRunRequest([only]))
    const details = (await testing.coverage.loadDetailedCoverage?.(run, file, token)) ?? []
    run.end()
    const lines = details.map((each) => {
      const { location, executed } = each
      return [location instanceof Range ? location.start.line : location.line, executed]
    })
    assert.deepEqual(lines, [
      [1, true],
      [2, true],
      [3, true],
      [5, false],
      [6, false],
    ])
  })

  it('runs one case alone', async () => {
    const only = item('sayer')?.children.get('says it') ?? assert.fail()
    const { shown } = await run([only])
    assert.deepEqual([...shown.keys()], ['says it'])
  })

  it('ends a run that is cancelled, and what ran with it', async () => {
    const source = new CancellationTokenSource()
    const running = run([item('spinner') ?? assert.fail()], source)
    const before = runs.length
    await until(
      async () => (runs.at(-1)?.started ?? []).includes('goes on') && runs.length > before - 1,
      'it to run',
    )
    source.cancel()
    const { shown, ended } = await running
    assert.equal(shown.get('goes on')?.state, 'skipped')
    assert.ok(ended)
  })

  it('shows a source that does not compile at its line', async () => {
    await text(place('sayer', 'index.ts'), `${source}export function broken(): i32 { return nowhere }\n`)
    const { shown } = await run([item('sayer') ?? assert.fail()])
    const { state, message } = shown.get('says it') ?? {}
    assert.equal(state, 'errored')
    assert.equal(message?.location?.uri.path, place('sayer', 'index.ts').path)
    assert.equal(message?.location?.range.start.line, 8)
    await text(place('sayer', 'index.ts'), source)
  })

  it('runs the cases of a function again when one of its files is saved', async () => {
    const source = new CancellationTokenSource()
    const count = runs.length
    const request = new TestRunRequest([item('sayer') ?? assert.fail()], undefined, testing.profile, true)
    const running = Promise.resolve(testing.profile.runHandler(request, source.token))
    const edit = new WorkspaceEdit()
    const uri = place('sayer', 'index.ts')
    const document = await workspace.openTextDocument(uri)
    edit.insert(uri, document.positionAt(0), '// saved\n')
    await workspace.applyEdit(edit)
    await document.save()
    await until(async () => runs.length > count && (runs.at(-1)?.ended ?? false), 'the run after the save')
    assert.equal(runs.at(-1)?.shown.get('says it')?.state, 'passed')
    source.cancel()
    await running
  })

  it('says what is wrong with a file, and forgets that when it is mended', async () => {
    await text(place('sayer', 'wasmate.test.json'), '{ "cases": [{ "name": "x" }] }')
    await until(async () => textOf(item('sayer')?.error).includes('cases.0.expected'), 'the error')
    await text(place('sayer', 'wasmate.test.json'), cases)
    await until(
      async () => item('sayer')?.error === undefined && item('sayer')?.children.size === 4,
      'the cases',
    )
  })
})
