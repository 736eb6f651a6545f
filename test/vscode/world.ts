// The world of the tests in the editor: an emulator in a workspace, files in it, and what can befall them.

import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { encodeCar } from '../../src/content/car.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { type ChainAccount, startChain } from '../helpers/chain.ts'
import { newRegistry, starknet } from '../helpers/contract.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { compileGo } from '../helpers/plugins.ts'
import { type ReadyModule, goSource, makeReadyModules } from '../helpers/ready.ts'
import { undoAfter } from '../helpers/undo.ts'
import { publishMany as publishNames } from '../helpers/many.ts'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

/** A file to add; with `target` it is a link. */
export interface Given {
  path: string
  base64?: string
  target?: string
}

export interface Deeds {
  /** Adds and pins files, wrapped in a folder when one has a path; gives the CID of each path, '' for the folder. */
  add(given: { files: Given[]; cidVersion: 0 | 1 }): Promise<Record<string, string>>
  /** Flips a bit in the node's own file of that content. */
  damage(given: { base64: string }): Promise<void>
  /** Lets the state file name a gateway that sends other bytes than are asked for. */
  lie(given: object): Promise<void>
  /** The state file is again what the emulator wrote. */
  beHonest(given: object): Promise<void>
  /** Runs a verb of the command line in the workspace; throws what it prints when it fails. */
  run(given: { args: string[] }): Promise<string>
  /** Publishes names `name-0` and on, all with one CID, from the account that does not sign here. */
  publishMany(given: { names: number; cid: string }): Promise<void>
  /** Starts a chain that stands for a network elsewhere, with our registry on it. */
  openNetwork(given: object): Promise<{ rpcUrl: string; registry: string; accounts: ChainAccount[] }>
  stop(given: object): Promise<void>
  start(given: { settings?: string[] }): Promise<void>
  /** Puts ready modules of several languages into folders `ready-NAME` of the workspace. */
  makeReady(given: { names: string[] }): Promise<Record<string, Omit<ReadyModule, 'bytes'>>>
  /** Says how long something took, for the report of the test. */
  measured(given: { what: string; ms: number }): Promise<void>
}

export async function makeDeeds(t: TestContext, workspace: string): Promise<Deeds> {
  // The second account is somebody else's.
  const start = (settings: string[] = []): Promise<Running> => {
    const all = ['devnet.accounts=2', ...settings]
    return up({ cwd: workspace, args: all.flatMap((setting) => ['--set', setting]) })
  }
  let running = await start()
  undoAfter(t, () => running.stop())
  const statePath = join(workspace, '.wasmate/emulator.json')
  let honest = ''
  return {
    add: ({ files, cidVersion }) => add(running.state.urls.kubo, files, cidVersion),
    damage: ({ base64 }) => damage(join(workspace, '.wasmate/content'), Buffer.from(base64, 'base64')),
    lie: async () => {
      const url = await startLiar(t)
      honest = await readFile(statePath, 'utf8')
      const state = JSON.parse(honest) as { urls: object }
      await writeFile(statePath, JSON.stringify({ ...state, urls: { ...state.urls, gateway: url } }))
    },
    beHonest: async () => {
      if (honest) await writeFile(statePath, honest)
      honest = ''
    },
    makeReady: async ({ names }) => makeReady(names, workspace, await temporaryFolder(t)),
    measured: async ({ what, ms }) => t.diagnostic(`${what}: ${ms.toFixed(1)} ms`),
    run: async ({ args }) => {
      const { code, stdout, stderr } = await wasmate(args, { cwd: workspace })
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`)
      return stdout
    },
    publishMany: ({ names, cid }) => publishMany(running, names, cid),
    openNetwork: async () => {
      const chain = await startChain()
      undoAfter(t, () => chain.stop())
      const { address: registry } = await newRegistry(chain, 1).ensureDeployed({})
      return { rpcUrl: chain.rpcUrl, registry, accounts: chain.accounts }
    },
    stop: async () => void (await running.stop()),
    start: async ({ settings }) => {
      running = await start(settings)
    },
  }
}

async function makeReady(
  names: string[],
  workspace: string,
  sources: string,
): Promise<Record<string, Omit<ReadyModule, 'bytes'>>> {
  const all = await makeReadyModules(sources)
  const made = names.flatMap((name) => {
    const found = all[name]
    return found ? [{ name, ...found }] : []
  })
  const go = { name: 'go', bytes: await compileGo(goSource, true) }
  for (const { name, bytes } of [...made, go]) {
    await mkdir(join(workspace, `ready-${name}`), { recursive: true })
    await writeFile(join(workspace, `ready-${name}`, 'index.wasm'), bytes)
  }
  return Object.fromEntries(made.map(({ name, bytes: _, ...facts }) => [name, facts]))
}

/** A gateway that answers with well-formed lies. */
async function startLiar(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const [, asked = ''] = /^\/ipfs\/([^?/]+)/.exec(request.url ?? '') ?? []
    const lie = { cid: parseCid(asked), bytes: Buffer.from('something else') }
    if (request.url?.includes('format=raw')) response.end(lie.bytes)
    else Readable.from(encodeCar([lie.cid], [lie])).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undoAfter(t, () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function add(rpc: string, files: Given[], cidVersion: 0 | 1): Promise<Record<string, string>> {
  const form = new FormData()
  for (const { path, base64 = '', target } of files) {
    const type = target === undefined ? 'application/octet-stream' : 'application/symlink'
    const content = target ?? Buffer.from(base64, 'base64')
    form.append('file', new Blob([content], { type }), encodeURIComponent(path))
  }
  const wrap = files.some(({ path }) => path !== '')
  const query = `cid-version=${cidVersion}&raw-leaves=${cidVersion === 1}&wrap-with-directory=${wrap}&pin=true`
  const response = await fetch(`${rpc}/api/v0/add?${query}`, { method: 'POST', body: form })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  const lines = text.trim().split('\n')
  const added = lines.map((line) => JSON.parse(line) as { Name: string; Hash: string; Message?: string })
  for (const { Message } of added) assert.equal(Message, undefined)
  return Object.fromEntries(added.map(({ Name, Hash }) => [wrap || files.length > 1 ? Name : '', Hash]))
}

async function damage(folder: string, content: Buffer): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    if (!bytes.equals(content)) continue
    bytes[0] = (bytes[0] ?? 0) ^ 1
    return writeFile(path, bytes)
  }
  throw new Error(`no file holds ${content.toString()}`)
}

/** Names `name-0` and on, by the second account of the chain. */
export async function publishMany({ state }: Running, names: number, cid: string): Promise<void> {
  const { registry: address = '' } = await chainIs(state, 'ready')
  const rpcUrl = `${state.urls.rpc}/rpc`
  const provider = new starknet.RpcProvider({ nodeUrl: rpcUrl })
  const body = { jsonrpc: '2.0', id: 1, method: 'devnet_getPredeployedAccounts' }
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { result } = (await response.json()) as { result: { address: string; private_key: string }[] }
  const [, other = { address: '', private_key: '' }] = result
  const accounts = [{ address: other.address, privateKey: other.private_key }]
  await publishNames({ chain: { accounts }, address, provider }, { names, versions: 1, cidOf: () => cid })
}
