// The emulator of the folder as the editor has it: found, started, stopped, set back, brought back, missed.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { type TextDocument, commands, env, extensions, window, workspace } from 'vscode'
import type { Api } from '../../src/extension.ts'
import { identify } from '../../src/base/process.ts'
import type { EmulatorLink, LinkState } from '../../src/vscode/emulator/link.ts'
import { until } from '../helpers/until.ts'
import { ask } from './editor.ts'

const settings = () => workspace.getConfiguration('wasmate')

describe('the emulator of a folder', () => {
  let link: EmulatorLink

  const is = (state: LinkState): Promise<void> =>
    until(async () => link.state === state, `an emulator that is ${state}, not ${link.state}`)
  const ready = (): Promise<void> =>
    until(async () => link.status?.chain.state === 'ready', `a chain that is ready`)
  const pid = (): number => link.client?.state.pid ?? 0
  const isGone = async (process: number): Promise<boolean> => (await identify(process)) === undefined
  const names = async (): Promise<string[]> =>
    ((await link.client?.list({ offset: 0, limit: 10 })) ?? []).map(({ name }) => name)
  const deploy = async (name: string): Promise<void> => {
    const [folder] = workspace.workspaceFolders ?? []
    await ask('run', { args: ['new', name, '--language', 'c'] })
    await link.client?.stream('deploy', { path: `${folder?.uri.fsPath}/${name}`, wait: true }, {})
  }

  before(async () => {
    const extension = extensions.getExtension<Api>('wasmate.wasmate')
    const { emulators } = (await extension?.activate()) ?? {}
    const [first] = emulators?.all ?? []
    if (!first) throw new Error('the folder has no emulator')
    link = first
    // As the world starts it.
    await settings().update('devnet.accounts', 2, true)
  })

  after(async () => {
    await link.stop()
    await settings().update('devnet.accounts', undefined, true)
    await ask('start', {})
    await is('running')
  })

  it('is found when it runs already, whoever started it, and missed when it was stopped', async () => {
    await is('running')
    assert.equal(link.status?.folder, link.folder.uri.fsPath)
    await ask('stop', {})
    await is('stopped')
    assert.equal(link.client, undefined)
    await ask('start', {})
    await is('running')
    await ask('stop', {})
    await is('stopped')
  })

  it('is started when something needs it, once for all that do', async () => {
    const clients = await Promise.all([
      link.require(),
      link.require(),
      link.start().then(() => link.require()),
    ])
    assert.equal(new Set(clients).size, 1)
    assert.equal(link.state, 'running')
    assert.equal(await isGone(pid()), false)
    await link.start()
    assert.equal(link.client, clients[0])
  })

  it('tells of what changes in it', async () => {
    const told: string[] = []
    const listening = [
      link.onDidChange((change) => told.push(change)),
      link.onDidInvoke(({ target }) => told.push(`invoked ${target}`)),
    ]
    await ready()
    await deploy('told')
    await link.client?.stream('invoke', { target: 'told', base64: '' }, {})
    await until(async () =>
      ['status', 'functions', 'registry', 'invoked told'].every((each) => told.includes(each)),
    )
    for (const each of listening) each.dispose()
  })

  it('takes up the settings of the editor when it is started again, with all that it had', async () => {
    await settings().update('serve.defaultFunction', 'told', true)
    const before = pid()
    await commands.executeCommand('wasmate.restartEmulator')
    assert.ok(await isGone(before))
    assert.notEqual(pid(), before)
    await ready()
    const { functions = '' } = link.client?.state.urls ?? {}
    await until(async () => (await fetch(functions, { method: 'POST', body: 'x' })).ok, 'an answer of told')
    await settings().update('serve.defaultFunction', undefined, true)
    assert.deepEqual(await names(), ['told'])
  })

  it('is kept under a name, begun anew, and brought back', async () => {
    await commands.executeCommand('wasmate.saveSnapshot', 'before')
    await link.start({ reset: true })
    await ready()
    assert.deepEqual(await names(), [])
    await commands.executeCommand('wasmate.restoreSnapshot', 'before')
    await ready()
    assert.deepEqual(await names(), ['told'])
  })

  it('that is killed is missed at once, and started again with all that it had', async () => {
    const before = pid()
    process.kill(before, 'SIGKILL')
    const killedAt = performance.now()
    await is('stopped')
    await ask('measured', { what: 'a killed emulator is missed after', ms: performance.now() - killedAt })
    const client = await link.require()
    assert.notEqual(client.state.pid, before)
    await ready()
    assert.deepEqual(await names(), ['told'])
  })

  it('is stopped by a command, and nothing of it is left', async () => {
    const before = pid()
    await commands.executeCommand('wasmate.stopEmulator')
    assert.equal(link.state, 'stopped')
    assert.ok(await isGone(before))
    await commands.executeCommand('wasmate.stopEmulator')
    await commands.executeCommand('wasmate.startEmulator')
    assert.equal(link.state, 'running')
  })

  it('that can not start says why in its own words, and starts when that is mended', async () => {
    await link.stop()
    await settings().update('devnet.accounts', 0, true)
    await assert.rejects(link.require(), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, 'CONFIG_INVALID')
      assert.match(error.message, /wasmate\.devnet\.accounts/)
      return true
    })
    assert.equal(link.state, 'failed')
    assert.equal(link.problem?.code, 'CONFIG_INVALID')
    await settings().update('devnet.accounts', 2, true)
    await link.require()
    assert.equal(link.problem, undefined)
  })

  it('whose start is given up leaves nothing behind', async () => {
    await link.stop()
    const starting = assert.rejects(link.require(), { code: 'CANCELLED' })
    await link.stop()
    await starting
    assert.equal(link.state, 'stopped')
    const impatient = new AbortController()
    const waiting = assert.rejects(link.require(impatient.signal), { code: 'CANCELLED' })
    impatient.abort()
    await waiting
    await is('running')
  })

  it('that is wanted while it stops is starting from then on, whoever waits for it', async () => {
    await link.require()
    const seen: LinkState[] = []
    const listening = link.onDidChange((change) => change === 'state' && seen.push(link.state))
    const stopping = link.stop()
    await is('stopping')
    await Promise.all([stopping, link.require()])
    listening.dispose()
    assert.deepEqual(seen, ['stopping', 'stopped', 'starting', 'running'])
  })

  it('that is wanted while it stops, and not any more when it has stopped, is stopped', async () => {
    const first = link.stop()
    await is('stopping')
    const wanted = assert.rejects(link.require(), { code: 'CANCELLED' })
    await Promise.all([first, link.stop(), wanted])
    assert.equal(link.state, 'stopped')
    await link.require()
  })

  it('is not asked to be restarted for a setting that it does not read', async () => {
    const told = new Set<string>()
    const { showInformationMessage } = window
    window.showInformationMessage = async (words: string) => void told.add(words)
    try {
      await settings().update('tools.enabled', true, true)
      await settings().update('tools.enabled', undefined, true)
      assert.deepEqual([...told], [])
      await settings().update('runner.idleMs', 1_000, true)
      await until(async () => told.size === 1, 'the question')
    } finally {
      window.showInformationMessage = showInformationMessage
      await settings().update('runner.idleMs', undefined, true)
    }
  })

  it('is not reset before a person has said so, and what can be done with it is a list', async () => {
    const before = pid()
    // A modal question is refused here: it is as if it were given up.
    await commands.executeCommand('wasmate.resetEmulator')
    assert.equal(pid(), before)
    void commands.executeCommand('wasmate.emulatorActions')
    await until(async () => {
      await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem')
      return link.state === 'stopped'
    }, 'the first of the list, which stops it')
    await link.require()
  })

  it('is examined by the doctor, with this machine, in a document', async () => {
    await commands.executeCommand('wasmate.doctor')
    const document = window.activeTextEditor?.document
    assert.equal(document?.uri.scheme, 'wasmate-doctor')
    assert.match(document.getText(), /^ok +node +v\d+/m)
    assert.match(document.getText(), /^ok +starknet-devnet +\//m)
    assert.match(document.getText(), /^ok +emulator +process \d+/m)
  })

  it('writes a log, which is followed in the Output panel', async () => {
    await commands.executeCommand('wasmate.showLogs')
    const log = (): TextDocument | undefined => {
      return workspace.textDocuments.find(({ uri }) => uri.scheme === 'output' && /wasmate/i.test(uri.path))
    }
    await until(async () => /runner: |devnet: |follow: /.test(log()?.getText() ?? ''), 'lines of the log')
    const before = log()?.getText().length ?? 0
    await link.restart()
    await until(async () => (log()?.getText().length ?? 0) > before, 'more lines of the log')
  })

  it('is described for somebody who helps, without what is secret', async () => {
    const profile = { sepolia: { rpcUrl: 'https://rpc.example.org/v2/verysecretkey?token=another' } }
    await settings().update('networks.profiles', profile, true)
    try {
      await commands.executeCommand('wasmate.copyDiagnostics')
      const text = await env.clipboard.readText()
      assert.match(text, /^Wasmate \d/)
      assert.match(text, /emulator: running, process \d+, chain /)
      assert.match(text, /networks\.profiles=.*https:\/\/rpc\.example\.org\/…/)
      assert.doesNotMatch(text, /verysecretkey|another/)
      assert.doesNotMatch(text, new RegExp(link.client?.state.token ?? 'no token'))
    } finally {
      await settings().update('networks.profiles', undefined, true)
    }
  })
})
