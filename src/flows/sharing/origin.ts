// What a person calls content by -> a CID and a path, and the gateways it may come from.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { VersionRecord } from '../../model.ts'

export interface Origin {
  /** What the name or CID means. */
  root: CID
  segments: string[]
  /** URLs of trustless gateways, the nearest first. */
  gateways: string[]
}

export interface OriginStages {
  /** Of a name, newest first. */
  history(name: string): Promise<VersionRecord[]>
  gateways(): Promise<string[]>
}

/** `hello`, `bafy...`, `bafy.../a/b`, `/ipfs/bafy...`, `ipfs://bafy...`. Throws FUNCTION_NOT_FOUND, CID_INVALID. */
export async function findOrigin(target: string, stages: OriginStages): Promise<Origin> {
  const [first = '', ...segments] = target
    .replace(/^(ipfs:\/\/|\/ipfs\/)/, '')
    .split('/')
    .filter((segment) => segment !== '')
  const root = tryCid(first) ?? parseCid(await currentCid(first, stages))
  return { root, segments, gateways: await stages.gateways() }
}

function tryCid(text: string): CID | undefined {
  try {
    return parseCid(text)
  } catch {
    // A name then: no name is as long as a CID.
    return undefined
  }
}

async function currentCid(name: string, { history }: OriginStages): Promise<string> {
  // What is too long for a name was meant as a CID.
  if (name.length > 31) return name
  const current = (await history(name)).find(({ isCurrent }) => isCurrent)
  if (!current) throw new WasmateError('FUNCTION_NOT_FOUND', `${name} has no current version`)
  return current.cid
}
