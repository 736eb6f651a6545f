// What a save brings about: problems on their lines, a deployment, an answer.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { DiagnosticSeverity, Range, WorkspaceEdit, window, workspace, extensions } from 'vscode'
import type { Api } from '../../src/extension.ts'
import { until } from '../helpers/until.ts'
import { ask } from './editor.ts'
import {
  echoSource,
  echoManifest,
  textOf,
  invoke,
  hintsOf,
  replace,
  setMode,
  problemsOf,
  makeFunctions,
  removeFunctions,
  echoes,
} from './sources.ts'

describe('a function that is edited', () => {
  before(makeFunctions)
  after(removeFunctions)

  it('shows what is wrong on the right line of the right file, until it is mended', async () => {
    await setMode('deploy')
    const document = await workspace.openTextDocument(echoSource)
    await replace(document, 'Host.outputString(greeting)', 'Host.outputString(missing)')
    await until(async () => problemsOf(echoSource).length > 0, 'the error')
    const [problem] = problemsOf(echoSource)
    assert.equal(problem?.range.start.line, 9)
    assert.equal(problem?.range.start.character, 20)
    assert.match(problem?.message ?? '', /missing/)
    assert.equal(problem?.severity, DiagnosticSeverity.Error)
    await replace(document, 'missing', 'greeting')
    await until(async () => problemsOf(echoSource).length === 0, 'no error')

    const manifest = await workspace.openTextDocument(echoManifest)
    await replace(
      manifest,
      '"language": "assemblyscript"',
      '"language": "assemblyscript",\n  "exports": ["nothing"]',
    )
    await until(async () => problemsOf(echoManifest).length > 0, 'the error of the manifest')
    assert.equal(problemsOf(echoManifest)[0]?.range.start.line, 2)
    await replace(manifest, '"exports": ["nothing"]', '"timeoutMs": "soon"')
    await until(async () => /timeoutMs/.test(problemsOf(echoManifest)[0]?.message ?? ''), 'the next one')
    assert.equal(problemsOf(echoManifest)[0]?.range.start.line, 2)
    await replace(manifest, ',\n  "timeoutMs": "soon"', '')
    await until(async () => problemsOf(echoManifest).length === 0, 'no error of the manifest')
  })

  it('is deployed on save, and run as well where that is wanted; nothing takes the focus', async () => {
    const other = await workspace.openTextDocument({ content: 'being written' })
    const editor = await window.showTextDocument(other)
    const document = await workspace.openTextDocument(echoSource)
    await setMode('deploy')
    await replace(document, 'as it was', 'once saved')
    const answers = async (): Promise<string> => textOf(await invoke('runAgain', last))
    const last = await invoke('invoke', { ...echoes, export: 'greet' })
    await until(async () => (await answers()) === 'once saved', 'the deployment')

    await setMode('run')
    const seen = async (text: string): Promise<void> =>
      until(async () => JSON.stringify(await hintsOf(document)).includes(text), text)
    await replace(document, 'once saved', 'twice')
    await seen('→ twice')
    for (const [from, to] of [
      ['twice', 'three'],
      ['three', 'four'],
      ['four', 'five'],
    ] as const) {
      await replace(document, from, to)
    }
    await seen('→ five')
    assert.equal(window.activeTextEditor, editor)
    await setMode('off')
    await replace(document, 'five', 'nobody sees this')
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.ok(JSON.stringify(await hintsOf(document)).includes('→ five'))
  })

  it('is answered by what is on disk when it is saved once more while a run brings it up', async () => {
    await setMode('deploy')
    const document = await workspace.openTextDocument(echoSource)
    const greeting = /greeting = '(.*)'/
    const typed = async (text: string): Promise<void> => {
      const [, before = ''] = greeting.exec(document.getText()) ?? []
      await replace(document, before, text)
    }
    for (let round = 0; round < 8; round++) {
      await typed(`first of ${round}`)
      const running = invoke('invoke', { ...echoes, export: 'greet' })
      await new Promise((resolve) => setTimeout(resolve, round * 10))
      await typed(`second of ${round}`)
      assert.match(textOf(await running), new RegExp(`(?:first|second) of ${round}`))
      assert.equal(textOf(await invoke('invoke', { ...echoes, export: 'greet' })), `second of ${round}`)
    }
    await typed('nobody sees this')
  })

  it('answers soon after a save', async () => {
    await setMode('run')
    const document = await workspace.openTextDocument(echoSource)
    await window.showTextDocument(document)
    await invoke('invoke', { ...echoes, export: 'greet' })
    const api = extensions.getExtension<Api>('wasmate.wasmate')?.exports
    assert.ok(api)
    let before = 'nobody sees this'
    const times: number[] = []
    for (let round = 0; round < 12; round++) {
      const now = `round ${round}`
      const at = document.getText().indexOf(before)
      const edit = new WorkspaceEdit()
      edit.replace(
        document.uri,
        new Range(document.positionAt(at), document.positionAt(at + before.length)),
        now,
      )
      await workspace.applyEdit(edit)
      const shown = new Promise<number>((resolve) => {
        const listening = api.source.answers.onDidShow((hints) => {
          if (!hints.some(({ label }) => (label as string).includes(`→ ${now} `))) return
          listening.dispose()
          resolve(performance.now())
        })
      })
      const from = performance.now()
      await document.save()
      times.push((await shown) - from)
      before = now
    }
    const sorted = times.sort((one, other) => one - other)
    await ask('measured', { what: 'save to answer, p50', ms: sorted[Math.floor(sorted.length / 2)] ?? NaN })
    assert.equal(times.length, 12)
  })
})
