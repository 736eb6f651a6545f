// A window with two folders, each with its emulator and a function of the same name: what is done with a line is
// done in the folder that the line is of, whichever file is being edited.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { Uri, commands, extensions, window, workspace } from 'vscode'
import type { Api } from '../../../src/extension.ts'
import type { InvocationRecord } from '../../../src/trace/record.ts'
import type { EmulatorLink } from '../../../src/vscode/emulator/link.ts'
import { commands as ids } from '../../../src/vscode/ids.ts'
import { fs } from '../editor.ts'
import { giveUp, paletteCommands } from '../palette/given-up.ts'
import { type Line, type ViewName, linesOf, openViews } from '../lines.ts'
import { echo, invoke, textOf, write } from '../sources.ts'

const names = ['one', 'two']

describe('a window with two folders', () => {
  let links: readonly EmulatorLink[]

  const linkOf = (name: string): EmulatorLink =>
    links.find(({ folder }) => folder.name === name) ?? assert.fail(name)
  const sourceOf = (name: string): Uri => Uri.joinPath(linkOf(name).folder.uri, 'same/index.ts')
  const greetWith = (name: string, word: string): Thenable<void> =>
    write(sourceOf(name), echo.replace('as it was', word))
  const deploy = async (name: string): Promise<void> => {
    const path = Uri.joinPath(linkOf(name).folder.uri, 'same').fsPath
    await (await linkOf(name).require()).stream('deploy', { path, wait: true }, {})
  }
  const below = async (view: ViewName, name: string): Promise<Line[]> => {
    const folder = (await linesOf(view)).find(({ label }) => label === name)
    return linesOf(view, folder?.node)
  }
  const first = async (view: ViewName, name: string): Promise<Line> => {
    const [line] = await below(view, name)
    return line ?? assert.fail(`nothing in ${view} of ${name}`)
  }
  const currentOf = async (name: string): Promise<number | undefined> => {
    const history = (await linkOf(name).client?.stream('log', { name: 'same' }, {})) ?? []
    return history.find(({ isCurrent }) => isCurrent)?.version
  }

  before(async function () {
    this.timeout(240_000)
    await openViews()
    const api = await extensions.getExtension<Api>('wasmate.wasmate')?.activate()
    links = api?.emulators.all ?? []
    assert.deepEqual(
      links.map(({ folder }) => folder.name),
      names,
    )
    for (const name of names) {
      await write(Uri.joinPath(linkOf(name).folder.uri, 'same/wasmate.json'), '{ "exports": ["greet"] }')
      for (const word of [`${name} at first`, name]) {
        await greetWith(name, word)
        await deploy(name)
      }
    }
    await window.showTextDocument(sourceOf('one'))
  })

  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors')
    for (const link of links) await link.stop()
    for (const name of names)
      await fs.delete(Uri.joinPath(linkOf(name).folder.uri, 'same'), { recursive: true })
  })

  it('asks with each command of the palette which of them is meant, and takes no answer for none', async () => {
    const ofAll = ['showLogs', 'copyDiagnostics', 'refresh', 'clearFilter', 'buildAll'].map(
      (name) => `wasmate.${name}`,
    )
    await commands.executeCommand('workbench.action.closeAllEditors')
    for (const id of paletteCommands()) {
      const { asked, told } = await giveUp(id)
      assert.deepEqual([id, asked.length, told], [id, ofAll.includes(id) ? 0 : 1, []])
    }
    assert.deepEqual(
      links.map(({ state }) => state),
      ['running', 'running'],
    )
    await window.showTextDocument(sourceOf('one'))
  })

  it('has the lines of each folder below its name', async () => {
    for (const view of ['functions', 'registry', 'emulator'] as const) {
      assert.deepEqual(
        (await linesOf(view)).map(({ label }) => label),
        names,
      )
    }
    assert.equal((await first('functions', 'two')).label, 'same')
  })

  it('runs what the line is of: here as it is on disk, in the registry as it is registered', async () => {
    const here = await first('functions', 'two')
    assert.equal(textOf(await invoke('invoke', here.node)), 'two')
    await greetWith('two', 'not deployed')
    const registered = await first('registry', 'two')
    assert.equal(textOf(await invoke('invoke', registered.node)), 'two')
    assert.equal(await currentOf('two'), 2)
    const [other] = await linesOf('registry', registered.node)
    assert.equal(other?.node.folder?.toString(), linkOf('two').folder.uri.toString())
    await greetWith('two', 'two')
  })

  it('runs a call again where it was made', async () => {
    const { node } = await first('invocations', 'two')
    const before = ((await linkOf('one').client?.stream('history', { limit: 10 }, {})) ?? []).length
    const again = await commands.executeCommand<InvocationRecord>(ids.runAgain, node)
    assert.equal(textOf(again), 'two')
    assert.equal((await linkOf('one').client?.stream('history', { limit: 10 }, {}))?.length, before)
  })

  it('rolls back and offers a name in the registry that the line is of', async () => {
    const { node } = await first('registry', 'two')
    const v1 = (await linesOf('registry', node)).find(({ label }) => label === 'v1')
    await commands.executeCommand(ids.rollback, v1?.node)
    assert.deepEqual([await currentOf('one'), await currentOf('two')], [2, 1])
    const offered = await commands.executeCommand(
      ids.transfer,
      Object.assign(Object.create(node), {
        name: 'same',
        folder: linkOf('two').folder.uri,
        to: '0x123',
        confirmed: true,
      }),
    )
    assert.ok(offered)
  })

  it('starts the emulator that the line is of, and has its settings by folder', async () => {
    await linkOf('two').stop()
    await commands.executeCommand(ids.startEmulator, { folder: linkOf('two').folder.uri })
    assert.equal(linkOf('two').state, 'running')
    const settings = workspace.getConfiguration('wasmate', linkOf('two').folder.uri)
    assert.equal(settings.get('editor.startOnOpen'), false)
  })
})
