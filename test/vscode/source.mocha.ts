// Functions in the editor: what can be done with an export, and what it answered last.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import {
  type CompletionList,
  type InlayHint,
  type MarkdownString,
  ConfigurationTarget,
  Position,
  Range,
  Uri,
  WorkspaceEdit,
  commands,
  languages,
  window,
  workspace,
} from 'vscode'
import type { Deployment, Pinned } from '../../src/flows/deploy.ts'
import { manifestJsonSchema } from '../../src/build/manifest-schema.ts'
import type { Built } from '../../src/client/messages.ts'
import type { InvocationRecord } from '../../src/trace/record.ts'
import { until } from '../helpers/until.ts'
import { fs } from './editor.ts'
import {
  place,
  echo,
  echoSource,
  cSource,
  echoes,
  write,
  textOf,
  invoke,
  lensesOf,
  hintsOf,
  makeFunctions,
  problemsOf,
  removeFunctions,
} from './sources.ts'

describe('a function in the editor', () => {
  before(makeFunctions)
  after(removeFunctions)

  it('has its actions above each export that can be called, in AssemblyScript and in C', async () => {
    await workspace.openTextDocument(echoSource)
    await window.showTextDocument(cSource)
    const expected = (...lines: number[]): string[] =>
      lines.flatMap((line) => ['Run', 'Run with...', 'Deploy'].map((title) => `${line} ${title}`))
    const shown = async (uri: Uri): Promise<string[]> =>
      (await lensesOf(uri)).filter((each) => !each.endsWith('Debug'))
    await until(async () => (await lensesOf(cSource)).length > 0, 'lenses')
    assert.deepEqual(await shown(cSource), expected(3, 7))
    assert.deepEqual(await shown(echoSource), expected(5, 9))
  })

  it('is built, pinned, registered and deployed, each giving what came of it', async () => {
    const built = await commands.executeCommand<Built>('wasmate.build', { path: echoes.path })
    assert.deepEqual(built.exports.sort(), ['echo', 'greet'])
    assert.equal(await commands.executeCommand('wasmate.register', echoes), undefined)
    const pinned = await commands.executeCommand<Pinned>('wasmate.pinLocally', echoes)
    assert.equal(pinned.pin.cid, built.cid)
    await write(echoSource, echo.replace('as it was', 'changed since it was pinned'))
    const registered = await commands.executeCommand<Deployment>('wasmate.register', echoes)
    assert.equal(registered.pin.cid, built.cid)
    await write(echoSource, echo)
    const deployed = await commands.executeCommand<Deployment>('wasmate.deploy', echoes)
    assert.equal(deployed.pin.cid, built.cid)
    assert.ok(['registered', 'pending'].includes(registered.registered.state))
    assert.equal(deployed.publication.sourceCid, registered.publication.sourceCid)
    const all = await commands.executeCommand<Built[]>('wasmate.buildAll')
    assert.deepEqual(all.map(({ name }) => name).sort(), ['echoes', 'in-c'])
  })

  it('runs, and the last input is that of the next run', async () => {
    assert.equal(textOf(await invoke('invoke', { ...echoes, export: 'echo' })), '')
    const input = { kind: 'text', value: 'Grüße 🦀' }
    const record = await invoke('runWith', { ...echoes, export: 'echo', input })
    assert.equal(textOf(record), 'Grüße 🦀')
    assert.match(record.cid ?? '', /^baf/)
    assert.equal(textOf(await invoke('invoke', { ...echoes, export: 'echo' })), 'Grüße 🦀')
    assert.equal(textOf(await invoke('invoke', { ...echoes, export: 'greet' })), 'as it was')
    assert.equal(textOf(await invoke('runAgain', { record })), 'Grüße 🦀')
  })

  it('takes text, JSON, hex and files, and refuses what is none of them', async () => {
    const run = (kind: string, value: string): Thenable<InvocationRecord> =>
      invoke('runWith', { ...echoes, export: 'echo', input: { kind, value } })
    assert.equal(textOf(await run('json', '{"name": "Ada"}')), '{"name": "Ada"}')
    assert.deepEqual(
      [...Buffer.from((await run('hex', '00 ff 10')).output?.base64 ?? '', 'base64')],
      [0, 255, 16],
    )
    await write(place('input.bin'), 'of a file')
    assert.equal(textOf(await run('file', place('input.bin').fsPath)), 'of a file')
    for (const [kind, value] of [
      ['json', '{"name": '],
      ['hex', '0'],
      ['hex', 'xy'],
      ['file', place('missing').fsPath],
    ] as const) {
      assert.equal(await run(kind, value), undefined, `${kind} ${value}`)
    }
    assert.equal(textOf(await invoke('invoke', { ...echoes, export: 'echo' })), 'of a file')
  })

  it('has its files completed and checked by their schemas, as they are typed', async () => {
    const { properties } = manifestJsonSchema() as { properties: Record<string, unknown> }
    const files = [
      { name: 'wasmate.json', before: '{ ', after: ' }', fields: Object.keys(properties) },
      { name: 'wasmate.test.json', before: '{ "cases": [{ ', after: ' }] }', fields: ['name', 'expected'] },
    ]
    for (const { name, before, after, fields } of files) {
      const uri = place('typed', name)
      await write(uri, `${before}${after}`)
      await window.showTextDocument(uri)
      const at = new Position(0, before.length)
      let labels: unknown[] = []
      const complete = async (): Promise<boolean> => {
        const found = await commands.executeCommand<CompletionList>(
          'vscode.executeCompletionItemProvider',
          uri,
          at,
        )
        labels = found.items.map(({ label }) => label)
        return fields.every((field) => labels.includes(field))
      }
      await until(complete, `the fields of ${name}`).catch(() => assert.deepEqual(labels, fields))
      await write(uri, `${before}"wrongField": 1${after}`)
      const wrong = (): boolean =>
        languages
          .getDiagnostics(uri)
          .some(({ message, source }) => source !== 'Wasmate' && /wrongField/.test(message))
      await until(async () => wrong(), `the wrong field of ${name}`)
    }
    await commands.executeCommand('workbench.action.closeAllEditors')
    await fs.delete(place('typed'), { recursive: true })
  })

  it('runs what is being edited: it is saved and deployed first', async () => {
    const document = await workspace.openTextDocument(cSource)
    const edit = new WorkspaceEdit()
    const at = document.getText().indexOf('"in C", 4')
    edit.replace(cSource, new Range(document.positionAt(at), document.positionAt(at + 9)), '"now", 3')
    await workspace.applyEdit(edit)
    const record = await invoke('invoke', { name: 'in-c', path: place('in-c').fsPath, export: 'first' })
    assert.equal(textOf(record), 'now')
    assert.equal(document.isDirty, false)
  })

  it('has its last answer, time and CID at the end of the export, until that is switched off', async () => {
    const record = await invoke('runWith', {
      ...echoes,
      export: 'echo',
      input: { kind: 'text', value: 'a long answer that does not fit there' },
    })
    const document = await workspace.openTextDocument(echoSource)
    const hint = async (): Promise<InlayHint | undefined> =>
      (await hintsOf(document)).find(({ position }) => position.line === 4)
    await until(async () => JSON.stringify((await hint())?.label).includes('a long answer'), 'the answer')
    const found = await hint()
    assert.match(found?.label as string, /^→ a long answer that… [\d.,]+ ms …\w{6}$/)
    assert.ok((found?.label as string).length <= 43)
    assert.equal(found?.position.character, document.lineAt(4).text.length)
    const hover = (found?.tooltip as MarkdownString).value
    assert.ok(hover.includes('a long answer that does not fit there'))
    assert.ok(hover.includes(record.cid ?? '?'))
    const settings = workspace.getConfiguration('wasmate')
    await settings.update('editor.answers', false, ConfigurationTarget.Global)
    try {
      assert.equal(await hint(), undefined)
    } finally {
      await settings.update('editor.answers', undefined, ConfigurationTarget.Global)
    }
  })

  it('has the line marked on which its last call broke off, until one answers or other bytes are built', async () => {
    const run = (value: string): Thenable<InvocationRecord> =>
      invoke('runWith', { ...echoes, export: 'echo', input: { kind: 'text', value } })
    await write(
      echoSource,
      echo.replace('  Host.output(', "  if (Host.inputString() == 'no') unreachable()\n  Host.output("),
    )
    assert.equal((await run('no')).problem?.code, 'CALL_TRAPPED')
    await until(async () => problemsOf(echoSource).length > 0, 'the mark')
    const [marked, ...others] = problemsOf(echoSource)
    assert.deepEqual([marked?.range.start.line, marked?.code, others.length], [5, 'CALL_TRAPPED', 0])
    assert.match(marked?.message ?? '', /^unreachable/)
    assert.equal(marked?.relatedInformation?.[0]?.message, 'echo')
    await run('yes')
    await until(async () => problemsOf(echoSource).length === 0, 'no mark after an answer')
    await run('no')
    await until(async () => problemsOf(echoSource).length > 0, 'the mark again')
    await write(echoSource, echo)
    await commands.executeCommand<Built>('wasmate.build', { path: echoes.path })
    await until(async () => problemsOf(echoSource).length === 0, 'no mark after a build')
  })
})
