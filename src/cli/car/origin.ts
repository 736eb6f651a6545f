// What a CAR is made of: a name or a CID, with or without a path, and the gateways it may come from.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { attach } from '../../client/control.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import { openNames } from '../names.ts'
import type { Session } from '../session.ts'

export interface Origin {
  /** What the name or CID means. */
  root: CID
  segments: string[]
  /** The running emulator's own first. */
  gateways: string[]
}

/**
 * `hello`, `bafy...`, `bafy.../a/b`, `/ipfs/bafy...`, `ipfs://bafy...`. Throws EMULATOR_NOT_RUNNING when there is
 * nowhere to fetch from, FUNCTION_NOT_FOUND, CID_INVALID.
 */
export async function findOrigin(session: Session, target: string, network: string): Promise<Origin> {
  const [first = '', ...segments] = target
    .replace(/^(ipfs:\/\/|\/ipfs\/)/, '')
    .split('/')
    .filter((segment) => segment !== '')
  const root = tryCid(first) ?? parseCid(await currentCid(session, first, network))
  return { root, segments, gateways: await findGateways(session, network) }
}

function tryCid(text: string): CID | undefined {
  try {
    return parseCid(text)
  } catch {
    // A name then: no name is as long as a CID.
    return undefined
  }
}

async function currentCid(session: Session, name: string, network: string): Promise<string> {
  // What is too long for a name was meant as a CID.
  if (name.length > 31) return name
  const names = await openNames(session, network)
  const versions = await names.history(name, { signal: session.signal, report: session.output.progress })
  const current = versions.find(({ isCurrent }) => isCurrent)
  if (!current) throw new WasmateError('FUNCTION_NOT_FOUND', `${name} has no current version on ${network}`)
  return current.cid
}

async function findGateways({ workspace, config, signal }: Session, network: string): Promise<string[]> {
  const named = config.networks.profiles[network]?.gateways ?? []
  const elsewhere = [...named, ...(config.content.gateways ?? [])]
  try {
    const { state } = await attach(workspace, signal)
    return [state.urls.gateway, ...elsewhere]
  } catch (error) {
    // Nothing runs: the settings may name others.
    if (error instanceof WasmateError && error.code !== 'CANCELLED' && elsewhere.length > 0) return elsewhere
    throw error
  }
}
