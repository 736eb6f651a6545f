// repo/gc, stat, verify, version: the store as a whole.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Answer, type Call, type Endpoints, toLink } from './endpoint.ts'
import { kuboWords } from './reply.ts'

export const repoEndpoints: Endpoints = {
  'repo/gc': collect,
  'repo/stat': describeStore,
  'stats/repo': describeStore,
  'repo/verify': verifyStore,
  'repo/version': async () => ({ json: { Version: repoVersion } }),
}

/** Of this store, not of one that Kubo could open. */
const repoVersion = 'wasmate@1'

async function collect({ node, query, signal }: Call): Promise<Answer> {
  const removed = await node.collect({ signal })
  return { lines: query.flag('silent', false) ? [] : removed.map((cid) => ({ Key: toLink(cid) })) }
}

async function describeStore({ node, query }: Call): Promise<Answer> {
  const isSizeOnly = query.flag('size-only', false)
  const { count, bytes } = await node.blocks.measure()
  return {
    json: {
      RepoSize: bytes,
      // Nothing but the disk limits it; Kubo's clients want a number.
      StorageMax: Number.MAX_SAFE_INTEGER,
      NumObjects: isSizeOnly ? 0 : count,
      RepoPath: isSizeOnly ? '' : node.folder,
      Version: isSizeOnly ? '' : repoVersion,
    },
  }
}

async function verifyStore(call: Call): Promise<Answer> {
  if (call.query.flag('heal', false)) {
    const words = "this command must be run in online mode. Try running 'ipfs daemon' first"
    throw new WasmateError('INPUT_INVALID', words)
  }
  return { lines: verifyEach(call, call.query.flag('drop', false)) }
}

/** Ends with an error when a damaged block is left, as Kubo does. */
async function* verifyEach({ node, signal }: Call, isDropped: boolean): AsyncGenerator<unknown> {
  let done = 0
  let corrupt = 0
  for await (const cid of node.blocks.list()) {
    signal.throwIfAborted()
    const reason = await damageOf(node.get(cid))
    if (reason !== undefined) {
      corrupt += 1
      if (isDropped) await node.blocks.delete(cid)
      yield { Msg: describeDamage(cid, reason, isDropped), Progress: 0 }
    }
    done += 1
    yield { Msg: '', Progress: done }
  }
  if (corrupt === 0) yield { Msg: 'verify complete, all blocks validated.', Progress: 0 }
  else if (isDropped)
    yield { Msg: `verify complete, ${corrupt} blocks corrupt, ${corrupt} removed`, Progress: 0 }
  else throw new WasmateError('INPUT_INVALID', `verify complete, ${corrupt} blocks corrupt`)
}

/** A block that went away meanwhile is not damaged. */
async function damageOf(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading
    return undefined
  } catch (error) {
    const isGone = error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND'
    return isGone ? undefined : kuboWords(error)
  }
}

function describeDamage(cid: CID, reason: string, isDropped: boolean): string {
  return `block ${cid.toString()} was corrupt (${reason})${isDropped ? ', removed' : ''}`
}
