// The four views of the sidebar on a real emulator: what they hold in each state, and that they follow what happens.

import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { type Tab, TabInputWebview, commands, env, window, workspace } from 'vscode'
import { type ControlClient, attach } from '../../src/client/control.ts'
import { commands as ids } from '../../src/vscode/ids.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { until } from '../helpers/until.ts'
import { ask } from './editor.ts'
import { type Line, change, linesOf, openViews, soon } from './lines.ts'

const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? ''
let client: ControlClient

const isCall = ({ label, input }: Tab): boolean =>
  label.startsWith('greeter') && input instanceof TabInputWebview

const isMine = ({ label }: Line): boolean => label === 'greeter'

const deploy = (path = 'greeter'): Promise<unknown> =>
  client.stream('deploy', { path: join(folder, path), wait: true }, {})
const invoke = (input: string, name?: string): ReturnType<typeof client.stream<'invoke'>> =>
  client.stream(
    'invoke',
    { target: 'greeter', export: name, base64: Buffer.from(input).toString('base64') },
    {},
  )

describe('the sidebar', () => {
  let entry = ''
  let source = ''

  before(async () => {
    await openViews()
    await ask('run', { args: ['new', 'greeter'] })
    client = await attach(workspaceAt(folder))
    await until(async () => (await client.status()).chain.state === 'ready', 'the chain')
    entry = join(folder, 'greeter/index.ts')
    source = await readFile(entry, 'utf8')
    await soon('emulator', ({ context }) => context === 'chain.ready')
  })
  after(() => rm(join(folder, 'greeter'), { recursive: true }))

  describe('Functions', () => {
    it('shows a function that was never built, and follows it as it is deployed, changed and broken', async () => {
      const fresh = await soon('functions', isMine)
      assert.deepEqual([fresh.icon, fresh.description], ['circle-outline', 'not built'])
      assert.match(fresh.spoken, /^greeter, not built\. It was never built here/)
      const told = change('functions')
      await deploy()
      await told
      const deployed = await soon('functions', (line) => isMine(line) && line.icon === 'pass-filled')
      assert.match(deployed.description, /^v1 · bafkrei/)
      assert.equal(deployed.context, 'function.registered')

      const edited = change('functions')
      await writeFile(entry, `${source}\nexport function more(): i32 { return 0 }\n`)
      await edited
      await soon('functions', (line) => isMine(line) && line.description === 'changed since it was built')

      await writeFile(entry, `${source}\nexport function broken(): i32 { return "text" }\n`)
      await assert.rejects(client.stream('build', { path: join(folder, 'greeter') }, {}))
      const broken = await soon('functions', (line) => isMine(line) && line.icon === 'error')
      const [problem] = await linesOf('functions', broken.node)
      assert.equal(problem?.context, 'failure.BUILD_FAILED')
      const [next] = await linesOf('functions', problem?.node)
      assert.equal(next?.icon, 'lightbulb')
      await writeFile(entry, source)
      await client.stream('build', { path: join(folder, 'greeter') }, {})
      await soon('functions', (line) => isMine(line) && line.icon === 'pass-filled')
    })

    it('has the exports and the four places of the bytes below it, each CID to copy', async () => {
      const mine = await soon('functions', (line) => isMine(line) && line.icon === 'pass-filled')
      const lines = await linesOf('functions', mine.node)
      const places = lines.filter(({ context }) => context === 'cid')
      assert.deepEqual(
        places.map(({ label, icon }) => [label, icon]),
        ['Local', 'Pinned', 'Registered', 'Served'].map((label) => [label, 'check']),
      )
      assert.ok(
        lines.some(({ context, label }) => context === 'export' && label === 'hello'),
        'an export',
      )
      const local = (await client.stream('overview', {}, {})).find(({ name }) => name === 'greeter')
      for (const { node } of places) {
        await env.clipboard.writeText('')
        await commands.executeCommand(ids.copyCid, node)
        assert.equal(await env.clipboard.readText(), local?.local?.cid)
      }
      assert.ok(mine.tooltip.includes(local?.local?.cid ?? '-'))
      await commands.executeCommand(ids.copyName, mine.node)
      assert.equal(await env.clipboard.readText(), 'greeter')
      const told = change('functions')
      await commands.executeCommand(ids.refresh)
      await told
    })
  })

  describe('Registry', () => {
    it('lists names with their owner and versions, and follows a new version, a rollback and a yank', async () => {
      const first = await soon('registry', isMine)
      assert.equal(first.context, 'registered.mine')
      assert.match(first.description, /^v1 · bafkrei.* · mine$/)
      await writeFile(entry, source.replace('Hello', 'Good day'))
      const told = change('registry')
      await deploy()
      await told
      const second = await soon('registry', (line) => isMine(line) && line.description.startsWith('v2'))
      const versions = async (): Promise<string[]> =>
        (await linesOf('registry', second.node)).map(({ label, context }) => `${label} ${context}`)
      assert.deepEqual(await versions(), [
        'v2 version.current.mine',
        'v1 version.earlier.mine',
        'Owner address',
      ])
      await client.stream('change', { kind: 'set-current', name: 'greeter', version: 1 }, {})
      await soon('registry', (line) => isMine(line) && line.description.startsWith('v1'))
      await client.stream('change', { kind: 'yank', name: 'greeter', version: 2 }, {})
      assert.deepEqual((await versions()).slice(0, 2), ['v2 version.yanked.mine', 'v1 version.current.mine'])
      await client.stream('verify', { name: 'greeter', attest: true }, {})
      const [, v1] = await linesOf('registry', second.node)
      assert.match(v1?.description ?? '', /1 attested/)
      const facts = await linesOf('registry', v1?.node)
      assert.deepEqual(
        facts.map(({ label }) => label),
        ['CID', 'Source', 'Published by', 'Attested by', 'Transaction'],
      )
      await writeFile(entry, source)
    })

    it('of a thousand names shows its beginning, then all of them, and is filtered by name', async () => {
      const { cid } = await client.stream('build', { path: join(folder, 'greeter') }, {})
      await ask('publishMany', { names: 1000, cid })
      const isThere = async (): Promise<boolean> =>
        (await client.list({ offset: 1000, limit: 1 })).length === 1
      await until(isThere, 'a thousand names')
      const before = performance.now()
      const seen = await linesOf('registry')
      await ask('measured', { what: 'the beginning of the registry', ms: performance.now() - before })
      assert.ok(seen.length > 100)
      await until(
        async () => (await linesOf('registry')).length === 1001,
        'a thousand names and a line below them',
      )
      const began = performance.now()
      const lines = await linesOf('registry')
      await ask('measured', { what: 'a registry of 1,000', ms: performance.now() - began })
      assert.equal(lines.at(-1)?.label, 'Load more')
      assert.equal(lines.find(({ label }) => label === 'name-0')?.context, 'registered.other')
      await commands.executeCommand(ids.loadMore, lines.at(-1)?.node)
      const all = await linesOf('registry')
      assert.ok(all.some(({ label }) => label === 'name-999') && all.at(-1)?.label !== 'Load more')
      await commands.executeCommand(ids.filterRegistry, 'NAME-99')
      const found = (await linesOf('registry')).map(({ label }) => label)
      assert.equal(found.length, 11)
      assert.ok(found.every((label) => label.startsWith('name-99')))
      await commands.executeCommand(ids.filterRegistry, 'nothing has this')
      assert.deepEqual(await linesOf('registry'), [])
      await commands.executeCommand(ids.clearFilter)
      assert.equal((await linesOf('registry')).length, all.length)
    })
  })

  describe('Emulator', () => {
    it('shows the chain, the addresses and the accounts with what they have', async () => {
      const lines = await linesOf('emulator')
      const chain = lines.find(({ label }) => label === 'Chain')
      assert.deepEqual([chain?.icon, chain?.description], ['pass-filled', 'ready'])
      const functions = lines.find(({ label }) => label === 'Functions over HTTP')
      assert.equal(functions?.context, 'url.page')
      await commands.executeCommand(ids.copyUrl, functions.node)
      assert.match(await env.clipboard.readText(), /^http:\/\/(127\.0\.0\.1|localhost):\d+\/?/)
      const accounts = lines.find(({ label }) => label === 'Accounts')
      const [own, other] = await linesOf('emulator', accounts?.node)
      assert.match(own?.description ?? '', /^\d[\d,.]* STRK · signs here$/)
      assert.match(other?.description ?? '', /^[\d,.]+ STRK$/)
      await commands.executeCommand(ids.copyAddress, own?.node)
      assert.match(await env.clipboard.readText(), /^0x[0-9a-f]+$/)
    })
  })

  describe('Invocations', () => {
    it('shows each call as it happens, newest first, and what it came to', async () => {
      await commands.executeCommand(ids.clearInvocations, { confirmed: true })
      assert.deepEqual(await linesOf('invocations'), [])
      const told = change('invocations')
      await invoke('world')
      await told
      const [good] = await linesOf('invocations')
      assert.deepEqual([good?.icon, good?.context], ['pass-filled', 'invocation.answered.recorded'])
      assert.match(good?.description ?? '', /ms · v1 · bafkrei/)
      await invoke('x', 'nothing')
      await soon('invocations', ({ icon }) => icon === 'error')
      const [bad, before] = await linesOf('invocations')
      assert.equal(bad?.context, 'invocation.failed')
      assert.match(bad.tooltip, /Next: /)
      for (const [command, text] of [
        [ids.copyInput, 'world'],
        [ids.copyOutput, 'Hello, world!'],
      ] as const) {
        await commands.executeCommand(command, before?.node)
        assert.equal(await env.clipboard.readText(), text)
      }
      await commands.executeCommand(ids.showInvocation, before?.node)
      const isShown = (): boolean => window.tabGroups.all.some(({ tabs }) => tabs.some(isCall))
      await until(async () => isShown(), 'the call')
      await commands.executeCommand('workbench.action.closeAllEditors')
    })

    it('holds a page of them, more when they are asked for, and none when they are cleared', async () => {
      for (let count = 0; count < 148; count++) await invoke(`number ${count}`)
      await until(async () => (await linesOf('invocations')).length === 101, 'a page and the line below it')
      await soon('invocations', ({ tooltip }) => tooltip.includes('number 147'))
      const more = (await linesOf('invocations')).at(-1)
      assert.equal(more?.label, 'Load more')
      await commands.executeCommand(ids.loadMore, more.node)
      const all = await linesOf('invocations')
      assert.equal(all.length, 150)
      assert.match(all.at(-1)?.tooltip ?? '', /world/)
      await commands.executeCommand(ids.clearInvocations, { confirmed: true })
      assert.deepEqual(await linesOf('invocations'), [])
    })
  })

  describe('without an emulator', () => {
    before(() => ask('stop', {}))
    after(() => ask('start', {}))

    it('has the functions that are on disk, and nothing that only an emulator knows', async () => {
      const mine = await soon('functions', (line) => isMine(line) && line.description === 'emulator stopped')
      assert.equal(mine.context, 'function.stopped')
      for (const view of ['registry', 'emulator', 'invocations'] as const) {
        await until(async () => (await linesOf(view)).length === 0, `nothing in ${view}`)
      }
    })
  })
})
