// Deploying to a network from the editor: an account of its own, on a second chain that says it is Sepolia.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { commands, workspace } from 'vscode'
import { type ControlClient, attach } from '../../src/client/control.ts'
import type { Changed, Verified } from '../../src/client/messages.ts'
import type { DeployedThere } from '../../src/flows/deploying/deploy.ts'
import { type ReplayLast, replayBefore } from '../../src/flows/deploying/replayed.ts'
import type { PublishedRegistry } from '../../src/flows/deploying/registry.ts'
import { Lockfile } from '../../src/lockfile.ts'
import { describePlan } from '../../src/vscode/commands/network/confirm.ts'
import { commands as ids } from '../../src/vscode/ids.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { until } from '../helpers/until.ts'
import { ask } from './editor.ts'

const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? ''
const name = 'travels'
const network = 'far'
let client: ControlClient
let there: Awaited<ReturnType<typeof openNetwork>>

const run = async <T>(id: string, given: object): Promise<T | undefined> =>
  commands.executeCommand<T | undefined>(id, { network, confirmed: true, ...given })

const openNetwork = () => ask('openNetwork', {})

async function setProfile(profile: object): Promise<void> {
  const profiles = { [network]: profile }
  await workspace.getConfiguration('wasmate').update('networks.profiles', profiles, true)
}

describe('a network elsewhere', () => {
  before(async () => {
    there = await openNetwork()
    const { rpcUrl, registry } = there
    client = await attach(workspaceAt(folder))
    await until(async () => (await client.status()).chain.state === 'ready', 'the chain')
    await setProfile({ rpcUrl, registry, chainId: 'SN_SEPOLIA', gateways: [client.state.urls.gateway] })
    await commands.executeCommand(ids.newFunction, { name, language: 'assemblyscript' })
  })

  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors')
    await workspace.getConfiguration('wasmate').update('networks.profiles', undefined, true)
    await rm(join(folder, name), { recursive: true, force: true })
  })

  it('is read by the emulator that runs as soon as the settings name it, and as they name it then', async () => {
    const list = () => client.list({ offset: 0, limit: 1, network })
    await until(async () => (await list()).length === 0, 'the registry of the network')
    const { rpcUrl, registry } = there
    const profile = { rpcUrl, registry, gateways: [client.state.urls.gateway] }
    await setProfile({ ...profile, chainId: 'SN_MAIN' })
    await until(async () => /serves SN_SEPOLIA/.test(await list().then(String, String)), 'another chain')
    await setProfile({ ...profile, chainId: 'SN_SEPOLIA' })
    await until(async () => (await list()).length === 0, 'the registry again')
  })

  it('is signed for by an account out of a file, whose key is in no file of the workspace', async () => {
    const [{ address = '', privateKey = '' } = {}] = there.accounts
    const outside = await mkdtemp(join(tmpdir(), 'wasmate-accounts-'))
    const file = join(outside, 'accounts.json')
    const accounts = { 'alpha-sepolia': { me: { address, private_key: privateKey, deployed: true } } }
    await writeFile(file, JSON.stringify(accounts))
    assert.equal(await run(ids.importAccount, { file }), address)
    await rm(outside, { recursive: true })
    const bare = privateKey.replace(/^0x0*/, '')
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      assert.ok(!(await readFile(path)).includes(bare), path)
    }
  })

  it('is deployed to, verified, and locked; the same bytes are not sent again', async () => {
    const first = await run<DeployedThere>(ids.deployTo, { name })
    assert.deepEqual([first?.state, first?.version, first?.contract], ['registered', 1, there.registry])
    const locked = await new Lockfile(folder).find(name, network)
    assert.equal(locked?.cid, first?.publication.cid)
    const again = await run<DeployedThere>(ids.deployTo, { name })
    assert.deepEqual([again?.state, again?.transaction], ['unchanged', undefined])
    const verified = await run<Verified>(ids.verify, { name, attest: true })
    assert.ok(verified?.verified && typeof verified.attested === 'object')
  })

  it('is asked about with what the recorded calls give now', async () => {
    const path = join(folder, name)
    await client.stream('deploy', { path, wait: true }, {})
    const base64 = Buffer.from('Ada').toString('base64')
    await client.stream('invoke', { target: name, base64 }, {})
    const replay: ReplayLast = (last, context) => client.stream('against', { path, last }, context)
    const say = async (): Promise<string> => {
      const { cid, size } = await client.stream('build', { path }, {})
      const replayed = await replayBefore(replay, {})
      const change = { name, from: null, to: { cid, size, sourceCid: '' }, pinAt: [], fetchFrom: [] }
      const fee = { estimate: '1', maximum: '2', balance: '3', balanceAfter: '2' }
      const plan = { network, contract: '0x1', account: '0x2', doing: `publish ${name}`, fee, warnings: [] }
      return describePlan({ ...plan, change: { ...change, ...(replayed && { replayed }) } })
    }
    assert.match(await say(), /^Recorded calls replayed: 1, all give the same$/m)
    const source = await readFile(join(path, 'index.ts'), 'utf8')
    await writeFile(join(path, 'index.ts'), source.replace('Hello', 'Goodbye'))
    assert.match(await say(), /^Recorded calls that give something else now: 1 of 1\n-Hello.*\n\+Goodbye/m)
    await writeFile(join(path, 'index.ts'), source)
  })

  it('is not deployed to when the RPC serves another chain, or a page', async () => {
    const { rpcUrl, registry } = there
    const { gateway } = client.state.urls
    const profile = { rpcUrl, registry, chainId: 'SN_SEPOLIA', gateways: [gateway] }
    for (const wrong of [{ chainId: 'SN_MAIN' }, { rpcUrl: gateway }]) {
      await setProfile({ ...profile, ...wrong })
      assert.equal(await run(ids.deployTo, { name }), undefined)
    }
    await setProfile(profile)
  })

  it('has a version rolled back to, which wasmate.lock names then, and one yanked', async () => {
    const entry = join(folder, name, 'index.ts')
    const source = await readFile(entry, 'utf8')
    await writeFile(entry, source.replace('Hello', 'Goodbye'))
    const second = await run<DeployedThere>(ids.deployTo, { name })
    await writeFile(entry, source)
    assert.equal(second?.version, 2)
    const back = await run<Changed>(ids.rollback, { name, version: 1 })
    assert.deepEqual([back?.state, back?.current?.version], ['changed', 1])
    assert.equal((await new Lockfile(folder).find(name, network))?.version, 1)
    assert.equal((await run<Changed>(ids.rollback, { name, version: 1 }))?.state, 'unchanged')
    assert.equal((await run<Changed>(ids.yank, { name, version: 2 }))?.state, 'changed')
    assert.equal(await run(ids.rollback, { name, version: 2 }), undefined)
  })

  it('has its names handed over, and our registry once', async () => {
    const [, other] = there.accounts
    const offered = await run<Changed>(ids.transfer, { name, to: other?.address })
    assert.equal(offered?.state, 'changed')
    const published = await run<PublishedRegistry>(ids.publishRegistry, {})
    assert.deepEqual([published?.state, published?.address], ['unchanged', there.registry])
    const profiles = workspace.getConfiguration('wasmate').get<Record<string, object>>('networks.profiles')
    assert.deepEqual(profiles?.[network], {
      ...{ rpcUrl: there.rpcUrl, registry: there.registry, chainId: 'SN_SEPOLIA', kind: 'wasmate' },
      gateways: [client.state.urls.gateway],
    })
    const address = there.accounts[0]?.address
    assert.equal(await run(ids.forgetAccount, { address }), address)
  })
})
