// Registries elsewhere, as an editor reads them through a running emulator: named in the settings, and read only.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attach } from '../../src/client/control.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { startChain } from '../helpers/chain.ts'
import { cid, newRegistry } from '../helpers/contract.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { deployWasmCid } from '../helpers/wasm-cid.ts'
import { up } from '../helpers/wasmate.ts'

test('names on a network of the settings are listed and told, also where there is no chain', async (t) => {
  const chain = await startChain()
  undoAfter(t, () => chain.stop())
  const registry = newRegistry(chain)
  const { address } = await registry.ensureDeployed({})
  await registry.publish({ name: 'there', cid, sha256: 'ab'.repeat(32), size: 1, sourceCid: '' }, {})
  const { rpcUrl } = chain
  const earlier = { rpcUrl, registry: await deployWasmCid(chain), kind: 'wasm-cid' }
  const profiles = { far: { rpcUrl, registry: address }, earlier, unfinished: { rpcUrl } }
  const cwd = await temporaryFolder(t)
  const args = [
    'networks.profiles=' + JSON.stringify(profiles),
    'devnet.download=false',
    'devnet.build=false',
  ]
  const none = { devnet: '', env: { PATH: '', XDG_CACHE_HOME: cwd } }
  const running = await up({ cwd, args: args.flatMap((set) => ['--set', set]), ...none })
  undoAfter(t, () => running.stop())
  const client = await attach(workspaceAt(cwd))
  const page = { offset: 0, limit: 10 }

  const listed = await client.list({ ...page, network: 'far' })
  assert.deepEqual(
    listed.map(({ name, current }) => [name, current?.cid]),
    [['there', cid]],
  )
  const [version, ...others] = await client.stream('log', { name: 'there', network: 'far' }, {})
  assert.deepEqual([version?.version, version?.isCurrent, others], [1, true, []])
  await assert.rejects(client.list(page), { code: 'DEVNET_MISSING' })
  await assert.rejects(client.list({ ...page, network: 'nowhere' }), { code: 'NETWORK_UNKNOWN' })
  await assert.rejects(client.list({ ...page, network: 'unfinished' }), { code: 'CONFIG_INVALID' })
  await assert.rejects(client.list({ ...page, network: 'earlier' }), { code: 'REGISTRY_UNSUPPORTED' })
  const missing = client.stream('log', { name: 'nobody', network: 'far' }, {})
  await assert.rejects(missing, { code: 'FUNCTION_NOT_FOUND' })
})
