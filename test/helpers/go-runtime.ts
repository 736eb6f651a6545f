// The existing Go runtime (github.com/wasmate/wasmate-runtime, 12f5344): the requests it sends, as they were recorded
// from it, the way it reads a CAR, and the program itself where it is on PATH.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { CarReader } from '@ipld/car'
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { starknet } from './contract.ts'
import { temporaryFolder } from './folder.ts'
import { ask } from './lassie.ts'

export interface RuntimeSources {
  rpcUrl: string
  registry: string
  lassieUrl: string
  name: string
}

/** The CID that the registry has for the name: one `starknet_call` with its parameters as a list. */
export async function readCidAsRuntime({ rpcUrl, registry, name }: RuntimeSources): Promise<string> {
  const call = {
    contract_address: registry,
    entry_point_selector: starknet.hash.getSelectorFromName('get_wasm_cid'),
    calldata: [`0x${Buffer.from(name).toString('hex')}`],
  }
  const answer = await post(rpcUrl, {
    jsonrpc: '2.0',
    id: 1,
    method: 'starknet_call',
    params: [call, 'latest'],
  })
  const { result = [] } = JSON.parse(answer) as { result?: string[] }
  if (result.length !== 2 || result.some((part) => BigInt(part) === 0n))
    throw new Error('get cid data from starknet is wrong')
  return result.map((part) => Buffer.from(part.slice(2), 'hex').toString()).join('')
}

function post(url: string, body: object): Promise<string> {
  const headers = {
    'user-agent': 'Go-http-client/1.1',
    accept: 'application/json',
    'content-type': 'application/json',
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers: { ...headers, 'accept-encoding': 'gzip' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(text)).on('error', reject)
      },
    )
    sent.on('error', reject).end(JSON.stringify(body))
  })
}

/** What it takes for a CAR, whatever the status: no parameters, `Accept` for anything, all of it in memory. */
export async function fetchAsRuntime({ lassieUrl }: RuntimeSources, cid: string): Promise<Uint8Array> {
  const headers = { 'user-agent': 'Go-http-client/1.1', accept: '*/*', 'accept-encoding': 'gzip' }
  const { body, isCut } = await ask(lassieUrl, `/ipfs/${cid}`, { headers })
  if (isCut) throw new Error('unexpected EOF')
  return body
}

/** The files under the roots of a CAR, for a reader that knows dag-pb and no other codec. */
export async function extractAsRuntime(car: Uint8Array): Promise<Buffer[]> {
  const reader = await CarReader.fromBytes(car)
  const files: Buffer[] = []
  // A root of raw bytes is passed over there.
  const roots = (await reader.getRoots()).filter(({ code }) => code === dagPb.code)
  for (const root of roots) files.push(...(await extractFiles(reader, root)))
  if (files.length === 0) throw new Error('no files extracted')
  return files
}

async function extractFiles(reader: CarReader, cid: CID): Promise<Buffer[]> {
  const { node, entry } = await load(reader, cid)
  if (!entry.isDirectory()) return [await readFileBytes(reader, cid)]
  return (await Promise.all(node.Links.map(({ Hash }) => extractFiles(reader, Hash)))).flat()
}

async function readFileBytes(reader: CarReader, cid: CID): Promise<Buffer> {
  const { node, entry } = await load(reader, cid)
  const parts = await Promise.all(node.Links.map(({ Hash }) => readFileBytes(reader, Hash)))
  return Buffer.concat([entry.data ?? new Uint8Array(), ...parts])
}

async function load(reader: CarReader, cid: CID): Promise<{ node: dagPb.PBNode; entry: UnixFS }> {
  if (cid.code !== dagPb.code)
    throw new Error(`no decoder registered for multicodec code 0x${cid.code.toString(16)}`)
  const block = await reader.get(cid)
  if (!block) throw new Error(`not found: ${cid.toString()}`)
  const node = dagPb.decode(block.bytes)
  return { node, entry: UnixFS.unmarshal(node.Data ?? new Uint8Array()) }
}

/** Runs the program until the test is over; gives the URL that answers calls. Throws what it said when it gave up. */
export async function startRuntime(t: TestContext, binary: string, sources: RuntimeSources): Promise<string> {
  const folder = await temporaryFolder(t)
  const address = `127.0.0.1:${await freePort()}`
  await writeFile(join(folder, 'runtime.yaml'), describeConfig(address, sources))
  const child = spawn(binary, ['--config', join(folder, 'runtime.yaml')], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const listening = (async (): Promise<void> => {
    for await (const line of createInterface(child.stdout)) if (line.includes('listening on')) return
    throw new Error(said)
  })()
  await Promise.race([listening, once(child, 'exit').then(() => Promise.reject(new Error(said)))])
  return `http://${address}/`
}

function describeConfig(address: string, { rpcUrl, registry, lassieUrl, name }: RuntimeSources): string {
  const { hostname, port } = new URL(lassieUrl)
  return `app-type: "wasmate-runtime-WORKER"
net-model: "NETPOLL"
NetWork:
  bind-network: "TCP"
  protocol-type: "HTTP"
  bind-address: "${address}"
wasm-modules-starknet:
  enable: true
  rpc-address: "${rpcUrl}"
  smart-contract: "${registry}"
  contract-method: "get_wasm_cid"
  lassie-net:
    scheme: "http"
    host: "${hostname}"
    port: ${port}
  wasm-func-names:
    - "${name}"
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
