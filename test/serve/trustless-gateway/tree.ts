// Content for the gateway's tests: trees, blocks that no honest tool makes, and answers taken apart.

import { request } from 'node:http'
import type { TestContext } from 'node:test'
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { silentLog } from '../../../src/base/log.ts'
import { codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import type { ImportEntry } from '../../../src/content/import.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addDefaults, collectAll, startGateway, startNode } from '../../helpers/content.ts'

/** Adds files under one directory; gives the CID of each path, the directory itself under ''. */
export async function addTree(
  node: ContentNode,
  files: Record<string, Uint8Array | string>,
  more: ImportEntry[] = [],
): Promise<Map<string, string>> {
  const entries = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) }))
  const added = await collectAll(node.add([...entries, ...more], { ...addDefaults, wrap: true }))
  return new Map(added.map(({ path, cid }) => [path, cid.toString()]))
}

/** A directory of any names, also such as no tool would write. */
export async function putFolder(node: ContentNode, links: [name: string, cid: CID][]): Promise<CID> {
  const Links = links.map(([Name, Hash]) => ({ Name, Hash, Tsize: 1 }))
  const Data = new UnixFS({ type: 'directory' }).marshal()
  const block = { ...makeBlock(dagPb.encode({ Data, Links: Links.sort(byName) }), codecOf('dag-pb')) }
  await node.putBlock(block)
  return block.cid
}

function byName(one: { Name: string }, other: { Name: string }): number {
  return Buffer.compare(Buffer.from(one.Name), Buffer.from(other.Name))
}

export async function putBlock(node: ContentNode, codec: string, value: unknown): Promise<CID> {
  const known = codecOf(codec)
  const block = makeBlock(known.encode(value), known)
  await node.putBlock(block)
  return block.cid
}

export interface Website {
  node: ContentNode
  /** URL of the gateway that also sends deserialized answers. */
  url: string
}

export async function startWebsite(t: TestContext): Promise<Website> {
  const node = await startNode(t)
  return { node, url: await startGateway(t, node, silentLog, true) }
}

export interface Plain {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** Whether the body came to its end. */
  complete: boolean
}

/** By node:http: a path as it is written, no headers but those that are given, no redirect followed. */
export function get(
  url: string,
  { path, method = 'GET', headers = {} }: { path: string; method?: string; headers?: Record<string, string> },
): Promise<Plain> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      const done = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          complete: response.complete,
        })
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      // A body that breaks off ends in an error, not in an end.
      response.on('error', done)
      response.on('end', done)
    })
      .on('error', reject)
      .end()
  })
}

export function problemOf({ body }: { body: Buffer }): { code: string; detail: string } {
  return JSON.parse(body.toString()) as { code: string; detail: string }
}
