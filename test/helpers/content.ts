// A real node with its two servers for one test, and blocks and files to give it.

import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { KuboRPCClient } from 'kubo-rpc-client'
import { create } from 'kubo-rpc-client'
import { type Log, silentLog } from '../../src/base/log.ts'
import { importProfiles } from '../../src/content/import.ts'
import { ContentNode } from '../../src/content/node.ts'
import type { ImportProfile } from '../../src/model.ts'
import { listenHttp } from '../../src/serve/http.ts'
import { createKuboRpc } from '../../src/serve/kubo-rpc/server.ts'
import { createGateway } from '../../src/serve/trustless-gateway/server.ts'
import { temporaryFolder } from './folder.ts'

const mebibyte = 1024 * 1024

export async function startNode(t: TestContext, folder?: string): Promise<ContentNode> {
  const node = new ContentNode({ folder: folder ?? (await temporaryFolder(t)), log: silentLog })
  await node.start()
  t.after(() => node.stop())
  return node
}

export async function startRpc(
  t: TestContext,
  node: ContentNode,
  maxBodyBytes = 64 * mebibyte,
): Promise<{ url: string; client: KuboRPCClient }> {
  const http = createKuboRpc({ node, version: '1.2.3', maxBodyBytes, log: silentLog })
  const url = await listenHttp(http, 0, silentLog)
  t.after(() => http.close())
  return { url, client: create({ url: `${url}/api/v0` }) }
}

export async function startGateway(
  t: TestContext,
  node: ContentNode,
  log: Log = silentLog,
  deserialized = false,
): Promise<string> {
  const http = createGateway({ node, maxBodyBytes: mebibyte, deserialized, log })
  const url = await listenHttp(http, 0, silentLog)
  t.after(() => http.close())
  return url
}

export const addDefaults = {
  ...importProfiles['unixfs-v1-2025'],
  wrap: false,
  pin: true,
  pinName: '',
  onlyHash: false,
}

/** Adds and pins one file in process; gives its CID. */
export async function addBytes(
  node: ContentNode,
  content: Uint8Array,
  profile: ImportProfile = 'unixfs-v1-2025',
): Promise<string> {
  let root = ''
  for await (const { cid } of node.add([{ path: 'file', content }], {
    ...addDefaults,
    ...importProfiles[profile],
  })) {
    root = cid.toString()
  }
  return root
}

/** Bytes that don't repeat and are the same each time for the same seed. */
export function madeBytes(length: number, seed = 'seed'): Buffer {
  const parts: Buffer[] = []
  for (let index = 0; index * 32 < length; index++) {
    parts.push(createHash('sha256').update(`${seed} ${index}`).digest())
  }
  return Buffer.concat(parts).subarray(0, length)
}

export async function collectBytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function collectAll<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}
