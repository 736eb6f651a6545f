// The commands on functions and names, called as other programs call them, on a real emulator.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'mocha'
import { commands, window, workspace } from 'vscode'
import { type ControlClient, attach } from '../../src/client/control.ts'
import type { Changed, Verified } from '../../src/client/messages.ts'
import type { PinStatus } from '../../src/content/pinning/messages.ts'
import type { Comparison } from '../../src/flows/diff.ts'
import { Lockfile } from '../../src/lockfile.ts'
import type { VersionRecord } from '../../src/model.ts'
import type { ExportedCar } from '../../src/vscode/commands/export.ts'
import { commands as ids, reportScheme } from '../../src/vscode/ids.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { until } from '../helpers/until.ts'

const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? ''
const name = 'commanded'
let client: ControlClient

async function run<T>(id: string, given?: unknown): Promise<T | undefined> {
  return commands.executeCommand<T | undefined>(id, given)
}

const deploy = (path = name): Promise<unknown> =>
  client.stream('deploy', { path: join(folder, path), wait: true }, {})
const history = (of = name): Promise<VersionRecord[]> => client.stream('log', { name: of }, {})

async function answerWith(word: string): Promise<void> {
  const entry = join(folder, name, 'index.ts')
  const text = await readFile(entry, 'utf8')
  await writeFile(entry, text.replace(/`\w+, /, `\`${word}, `))
}

/** The text of the report that the list on screen opens. */
async function readReport(path: string): Promise<string> {
  const isOpen = (): boolean =>
    workspace.textDocuments.some(({ uri }) => uri.scheme === reportScheme && uri.path === path)
  await until(async () => {
    await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem')
    return isOpen()
  }, `the report ${path}`)
  return workspace.textDocuments.find(({ uri }) => uri.path === path)?.getText() ?? ''
}

describe('the commands', () => {
  before(async () => {
    client = await attach(workspaceAt(folder))
    await until(async () => (await client.status()).chain.state === 'ready', 'the chain')
  })

  afterEach(async () => {
    await commands.executeCommand('workbench.action.closeQuickOpen')
    await commands.executeCommand('notifications.clearAll')
  })

  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors')
    await run(ids.chooseNetwork, { network: 'emulator' })
    await workspace.getConfiguration('wasmate').update('networks.profiles', undefined, true)
    for (const each of [name, 'made-in-c']) {
      await rm(join(folder, each), { recursive: true, force: true })
    }
  })

  it('make a function, and open it where the first change is made', async () => {
    const made = await run<{ entry: string }>(ids.newFunction, { name, language: 'assemblyscript' })
    assert.equal(made?.entry, join(folder, name, 'index.ts'))
    const editor = window.activeTextEditor
    assert.equal(editor?.document.uri.fsPath, made?.entry)
    assert.equal(editor?.document.getText(editor.selection), 'Hello')
    assert.ok(await run(ids.newFunction, { name: 'made-in-c', language: 'c', template: 'counter' }))
    assert.deepEqual((await readdir(join(folder, 'made-in-c'))).sort(), ['main.c', 'wasmate.json'])
  })

  it('make nothing of a name that is none or is taken, or in a language that is none', async () => {
    const before = await readdir(folder)
    assert.equal(await run(ids.newFunction, { name: 'no good', language: 'c' }), undefined)
    assert.equal(await run(ids.newFunction, { name, language: 'c' }), undefined)
    assert.equal(await run(ids.newFunction, { name: 'other', language: 'cobol' }), undefined)
    assert.deepEqual(await readdir(folder), before)
  })

  it('verify what is registered, say what each check means, and attest it', async () => {
    await deploy()
    const found = await run<Verified>(ids.verify, { name })
    assert.equal(found?.verified, true)
    assert.deepEqual(
      found?.checks.filter(({ ok }) => !ok),
      [],
    )
    const text = await readReport(`/verify/emulator/${name} v1.md`)
    assert.match(text, /Same bytes: ok/)
    assert.match(text, /nothing was added to them/)
    const attested = await run<Verified>(ids.verify, { name, attest: true })
    assert.ok(attested?.attested)
    const [version] = await history()
    assert.equal(version?.attestedBy.length, 1)
    assert.equal(await run(ids.verify, { name: 'nobody-has-this' }), undefined)
  })

  it('tell where the bytes under a name are the same, and where they differ', async () => {
    const same = await run<Comparison>(ids.diff, { name })
    assert.equal(same?.places.find(({ place }) => place === 'served')?.same, true)
    await answerWith('Bonjour')
    const other = await run<Comparison>(ids.diff, { name })
    assert.equal(other?.same, false)
    assert.equal(other?.places.find(({ place }) => place === 'local')?.same, false)
    const text = await readReport(`/diff/${name}.md`)
    assert.match(text, /Local: differs/)
    assert.match(text, /source changed since v1/)
  })

  it('roll back to an earlier version, which answers and is locked then', async () => {
    await deploy()
    const back = await run<Changed>(ids.rollback, { name, version: 1 })
    assert.deepEqual([back?.state, back?.before, back?.current?.version], ['changed', 2, 1])
    assert.equal((await history()).find(({ isCurrent }) => isCurrent)?.version, 1)
    assert.equal((await new Lockfile(folder).find(name, 'emulator'))?.version, 1)
    assert.equal((await run<Changed>(ids.rollback, { name, version: 1 }))?.state, 'unchanged')
    assert.equal(await run(ids.rollback, { name, version: 9 }), undefined)
  })

  it('yank a version once the question is answered', async () => {
    const yanked = await run<Changed>(ids.yank, { name, version: 2, confirmed: true })
    assert.equal(yanked?.state, 'changed')
    assert.equal((await history()).find(({ version }) => version === 2)?.yanked, true)
    assert.equal(await run(ids.rollback, { name, version: 2 }), undefined)
  })

  it('offer a name to another account, which alone can accept it', async () => {
    const [own, other] = await client.stream('accounts', {}, {})
    assert.ok(own && other)
    for (const to of [own.address, '0xzz', `0x${'f'.repeat(64)}`, 'somebody']) {
      assert.equal(await run(ids.transfer, { name, to, confirmed: true }), undefined, to)
    }
    assert.ok(await run<Changed>(ids.transfer, { name, to: other.address, confirmed: true }))
    assert.equal(await run(ids.acceptOwnership, { name }), undefined)
    assert.ok(await run<Changed>(ids.transfer, { name, to: '0x0', confirmed: true }))
  })

  it('export a CAR with its piece CID, by name or by CID', async () => {
    const out = await mkdtemp(join(tmpdir(), 'wasmate-export-'))
    try {
      const [first, second] = [join(out, 'one.car'), join(out, 'two.car')]
      const exported = await run<ExportedCar>(ids.exportCar, { name, file: first, piece: true })
      assert.match(exported?.piece?.cid ?? '', /^bafkzcib/)
      const bytes = await readFile(first)
      assert.equal(bytes.length, exported?.bytes)
      const [current] = (await history()).filter(({ isCurrent }) => isCurrent)
      assert.equal(exported?.root, current?.cid)
      await run(ids.exportCar, { cid: current?.cid, file: second })
      assert.equal(sha256(await readFile(second)), sha256(bytes))
      assert.equal(await run(ids.exportCar, { name: 'none-such', file: join(out, 'no.car') }), undefined)
      assert.deepEqual((await readdir(out)).sort(), ['one.car', 'two.car'])
    } finally {
      await rm(out, { recursive: true })
    }
  })

  it('pin at the pinning service of the emulator, and show the status as it is returned', async () => {
    const status = await run<PinStatus>(ids.pin, { name, service: 'emulator' })
    assert.equal(status?.status, 'pinned')
    assert.equal(status?.pin.name, name)
    assert.equal(await run(ids.pin, { name, service: 'not-described' }), undefined)
    assert.equal(await run(ids.forgetPinningToken, { service: 'emulator' }), undefined)
  })

  it('choose the network of the settings', async () => {
    assert.equal(await run(ids.chooseNetwork, { network: 'away' }), undefined)
    const profiles = { away: { rpcUrl: 'http://127.0.0.1:9', registry: '0x1' } }
    await workspace.getConfiguration('wasmate').update('networks.profiles', profiles, true)
    assert.equal(await run(ids.chooseNetwork, { network: 'away' }), 'away')
    const before = await history()
    assert.equal(await run(ids.yank, { name, version: 1, confirmed: true }), undefined)
    assert.deepEqual(await history(), before)
    assert.equal(await run(ids.chooseNetwork, { network: 'sepolia' }), 'sepolia')
    assert.equal(await run(ids.chooseNetwork, { network: 'emulator' }), 'emulator')
  })

  it('choose an account of the local chain, and no other', async () => {
    const [own] = await client.stream('accounts', {}, {})
    assert.ok(own?.signs)
    assert.equal(await run(ids.chooseAccount, { address: own.address }), own.address)
    assert.equal(await run(ids.chooseAccount, { address: '0x123' }), undefined)
  })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
