// A network of a test's own: a chain that says it is Sepolia, a pinning service with a node of its own, a gateway before
// that node, and the command line with an account there.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ContentNode } from '../../src/content/node.ts'
import { type Chain, startChain } from './chain.ts'
import { startGateway, startNode } from './content.ts'
import { newRegistry } from './contract.ts'
import { temporaryFolder } from './folder.ts'
import { startService, token } from './pinning.ts'
import { undoAfter } from './undo.ts'
import { type Finished, wasmate } from './wasmate.ts'
import { deployWasmCid } from './wasm-cid.ts'

export interface TestNetwork {
  chain: Chain
  node: ContentNode
  gateway: string
  service: string
  registry: string
  earlier: string
}

export async function startNetwork(t: TestContext): Promise<TestNetwork> {
  const chain = await startChain()
  undoAfter(t, () => chain.stop())
  const node = await startNode(t)
  const { url: service } = await startService(t, node)
  const gateway = await startGateway(t, node)
  const { address: registry } = await newRegistry(chain, 1).ensureDeployed({})
  return { chain, node, gateway, service, registry, earlier: await deployWasmCid(chain) }
}

export interface Seat {
  /** The workspace; the user's folder is beside it. */
  cwd: string
  home: string
  /** Everything that was printed so far. */
  printed: string[]
  /** Of the network in the settings; may be changed. */
  profile: Record<string, unknown>
  /** Of a user who sits here. */
  env: Record<string, string>
  /** As the command line takes them. */
  settings(): string[]
  run(args: string[], env?: Record<string, string>): Promise<Finished>
}

/** Where somebody sits: a workspace and a user's folder of its own, the network `far` in the settings. */
export async function takeSeat(
  t: TestContext,
  { service, gateway, chain, registry }: TestNetwork,
  profile: Record<string, unknown> = {},
): Promise<Seat> {
  const folder = await temporaryFolder(t)
  const [cwd, home] = [join(folder, 'workspace'), join(folder, 'home')]
  await mkdir(cwd)
  await mkdir(home)
  const { rpcUrl } = chain
  const far = { rpcUrl, chainId: 'SN_SEPOLIA', registry, gateways: [gateway], pinning: 'pins', ...profile }
  const services = { pins: { url: service, uploadUrl: `${service}/upload` } }
  const settings = (): string[] => {
    const all = [
      `networks.profiles=${JSON.stringify({ far })}`,
      `pinning.services=${JSON.stringify(services)}`,
    ]
    return all.flatMap((setting) => ['--set', setting])
  }
  const printed: string[] = []
  const own = { XDG_CONFIG_HOME: join(home, 'config'), WASMATE_PINNING_TOKEN: token }
  const run: Seat['run'] = async (args, env = {}) => {
    const finished = await wasmate([...args, ...settings(), '--json'], { cwd, env: { ...own, ...env } })
    printed.push(finished.stdout, finished.stderr)
    return finished
  }
  return { cwd, home, printed, profile: far, env: own, settings, run }
}

/** The environment that signs as an account of the chain. */
export function signingAs({ accounts }: Chain, index = 0): Record<string, string> {
  const { address = '', privateKey = '' } = accounts[index] ?? {}
  return { WASMATE_ACCOUNT_ADDRESS: address, WASMATE_PRIVATE_KEY: privateKey }
}

/** A ready module that answers with a number: another number, another CID. */
export async function writeModule(cwd: string, name: string, answer = 0): Promise<string> {
  const path = join(cwd, `${name}.wasm`)
  // (module (func (export "run") (result i32) i32.const ANSWER))
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0]
  const exported = [7, 7, 1, 3, 0x72, 0x75, 0x6e, 0, 0, 10, 6, 1, 4, 0, 0x41, answer & 0x3f, 0x0b]
  await writeFile(path, Uint8Array.from([...bytes, ...exported]))
  return path
}
