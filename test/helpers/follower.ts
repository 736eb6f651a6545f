// A follower of a test's own chain with a real node and a real runner behind it, and modules to publish.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { toWasmateError } from '../../src/base/errors.ts'
import { createLog, silentLog } from '../../src/base/log.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { retrieveFile } from '../../src/content/retrieval/retrieve.ts'
import { type FollowStages, Follower } from '../../src/flows/follow.ts'
import { Loader } from '../../src/flows/load.ts'
import type { Progress, Publication, Registration } from '../../src/model.ts'
import { followRegistry } from '../../src/registry/events.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { Runner } from '../../src/runner/runner.ts'
import { Served } from '../../src/flows/served.ts'
import type { Chain } from './chain.ts'
import { addBytes, startGateway, startNode } from './content.ts'
import { newRegistry } from './contract.ts'
import { temporaryFolder } from './folder.ts'
import { defaultPool, defaultOptions, workerUrl } from './runner.ts'
import { undoAfter } from './undo.ts'
import { until } from './until.ts'

/** A module that is callable as `f`; other words make other bytes. */
export function makeModule(words: string): Buffer {
  const note = Buffer.from(words)
  return Buffer.concat([
    Buffer.from('0061736d0100000001050160' + '00017f030201000705010166' + '00000a06010400' + '41000b', 'hex'),
    Buffer.from([0, note.length + 2, 1, 0x6e]),
    note,
  ])
}

export interface Pinned extends Publication {
  bytes: Buffer
}

/** Puts a module into the node; gives what is to be published of it. */
export async function pinModule(node: ContentNode, name: string, words: string): Promise<Pinned> {
  const bytes = makeModule(words)
  return { ...describeModule(name, bytes, await addBytes(node, bytes)), bytes }
}

export function describeModule(name: string, bytes: Uint8Array, cid: string): Publication {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { name, cid, sha256, size: bytes.length, sourceCid: '' }
}

/** The version that a name answers with; 0 when it does not. */
export const versionOf = ({ served }: Pick<Following, 'served'>, name: string): number =>
  served.answering(name)?.version ?? 0

export interface FollowerParts {
  endpoints: { rpcUrl: string; wsUrl?: string }
  address: string
  registry: Registry
  gateway: string
  runner: Runner
  /** Where the table is kept. */
  folder: string
  allow?: FollowStages['allow']
}

export interface Following {
  follower: Follower
  served: Served
  /** CIDs in the order in which they were fetched. */
  fetched: string[]
  messages: string[]
  /** What was under way, and `undefined` for nothing. */
  progress: (Progress | undefined)[]
  stop(): Promise<void>
}

export async function startFollower(context: TestContext, parts: FollowerParts): Promise<Following> {
  const { endpoints, address, registry, gateway, runner, folder } = parts
  const messages: string[] = []
  const fetched: string[] = []
  const progress: Following['progress'] = []
  const log = createLog((level, _part, message) => void messages.push(`${level} ${message}`))
  const served = new Served(join(folder, 'served.json'), defaultOptions)
  await served.open()
  const loader = new Loader({
    runner,
    fetch: (cid, given) => {
      fetched.push(cid)
      return retrieveFile(cid, { ...given, gateways: [gateway], maxBytes: 1_000_000 })
    },
  })
  const follower = new Follower({
    events: (from, following) => followRegistry({ ...endpoints, ...following, address, from, log }),
    getVersion: (name, version) => registry.getVersion(name, version),
    resolve: async (name) => {
      const found = await registry.resolve(name).catch(ignoreNotFound)
      return found?.current
    },
    allow: parts.allow ?? (async () => undefined),
    onProgress: (now) => void progress.push(now),
    ...{ loader, served, log },
  })
  const ending = new AbortController()
  const running = follower.run(ending.signal)
  const stop = async (): Promise<void> => {
    ending.abort()
    await running
  }
  undoAfter(context, stop)
  return { follower, served, fetched, messages, progress, stop }
}

export interface Names extends Following {
  node: ContentNode
  parts: FollowerParts
  /** Pins a module and publishes it under the name. */
  publish(name: string, words: string): Promise<Registration>
  /** How often something was fetched that was published this way: the chain has names of other tests as well. */
  loads(): number
  /** Number of the version that answers, 0 for none. */
  answering(name: string): number
}

/** A follower with a node and a runner of its own. */
export async function followChain(
  context: TestContext,
  chain: Chain,
  given: Partial<FollowerParts> = {},
): Promise<Names> {
  const node = await startNode(context)
  const runner = new Runner({ ...defaultPool, maxWorkers: 1, idleMs: 1_000, workerUrl, log: silentLog })
  undoAfter(context, () => runner.stop())
  const registry = newRegistry(chain)
  const { address } = await registry.ensureDeployed({})
  const parts: FollowerParts = {
    ...{ endpoints: chain, address, registry, runner },
    gateway: await startGateway(context, node),
    folder: await temporaryFolder(context),
    ...given,
  }
  const following = await startFollower(context, parts)
  const own = new Set<string>()
  const publish = async (name: string, words: string): Promise<Registration> => {
    const pinned = await pinModule(node, name, `${name} ${words}`)
    own.add(pinned.cid)
    // Blocks may have been aborted since the last one: it reads its nonce anew.
    return newRegistry(chain).publish(pinned, {})
  }
  const loads = (): number => following.fetched.filter((cid) => own.has(cid)).length
  const answering = (name: string): number => following.served.answering(name)?.version ?? 0
  return { ...following, node, parts, publish, loads, answering }
}

export function answers({ served }: Following, name: string, version: number): Promise<void> {
  return until(async () => (served.answering(name)?.version ?? 0) === version, `${name} v${version}`)
}

export function problemIs({ served }: Following, name: string, code: string): Promise<void> {
  return until(async () => served.problem(name)?.problem.code === code, `${name}: ${code}`)
}

function ignoreNotFound(error: unknown): undefined {
  if (toWasmateError(error).code !== 'FUNCTION_NOT_FOUND') throw error
}
