// What a deployment consists of: a module and its source as blocks, whose CIDs are known before anything is pinned.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { readSourceFiles } from '../../build/files.ts'
import { encodeCar } from '../../content/car.ts'
import { ContentClient } from '../../content/client.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import { type ImportEntry, importEntries, importProfiles } from '../../content/import.ts'
import { BlockCache } from '../../content/tree/cache.ts'
import type { Context, ImportProfile, Publication, Source, WasmModule } from '../../model.ts'
import type { Pinned } from '../deploy.ts'
import { offerOf } from '../sharing/offer.ts'

export interface Root {
  cid: string
  /** What its pin is called. */
  name: string
  what: 'module' | 'source'
}

export interface Material {
  publication: Publication
  profile: ImportProfile
  exports: string[]
  /** The module first. */
  roots: Root[]
  /** Adds and pins all of it at a node; throws KUBO_REFUSED when the node makes other CIDs of it. */
  pinTo(kuboUrl: string, context: Context): Promise<void>
  /** All blocks under a root. */
  exportCar(cid: string): AsyncIterable<Uint8Array>
}

export async function gatherMaterial(
  source: Source,
  module: WasmModule,
  profile: ImportProfile,
): Promise<Material> {
  const { name } = source
  const blocks = new BlockCache(Number.MAX_SAFE_INTEGER)
  const files = await readSourceFiles(source, module)
  const cid = await add(blocks, [{ path: 'module', content: module.bytes }], profile, false)
  const entries = files.map(({ path, bytes }) => ({ path, content: bytes }))
  const sourceCid = files.length > 0 ? await add(blocks, entries, profile, true) : ''
  const publication = { name, cid, sha256: module.sha256, size: module.bytes.length, sourceCid }
  return {
    ...{ publication, profile, exports: module.exports, roots: rootsOf(publication) },
    pinTo: async (kuboUrl, context) => {
      const client = new ContentClient({ kuboUrl })
      const file = await client.pinFile(module.bytes, { profile, name }, context)
      checkCid(kuboUrl, file.cid, cid)
      if (sourceCid === '') return
      const folder = await client.pinFolder(files, { profile, name: `${name} source` }, context)
      checkCid(kuboUrl, folder.cid, sourceCid)
    },
    exportCar: (root) => {
      const parsed: CID = parseCid(root)
      return encodeCar([parsed], walkDag(blocks, parsed))
    },
  }
}

/** What a running emulator has built and pinned already; its gateway has the blocks. */
export function pinnedMaterial(
  { publication, pin, exports }: Pinned & { publication: Publication },
  gatewayUrl: string,
  signal: AbortSignal,
): Material {
  return {
    ...{ publication, profile: pin.profile, exports, roots: rootsOf(publication) },
    pinTo: async () => undefined,
    exportCar: (root) => {
      const origin = { root: parseCid(root), segments: [], gateways: [gatewayUrl] }
      return offerOf(origin, { signal }).exportCar(root, { signal })
    },
  }
}

function rootsOf({ name, cid, sourceCid }: Publication): Root[] {
  const module: Root = { cid, name, what: 'module' }
  return sourceCid ? [module, { cid: sourceCid, name: `${name} source`, what: 'source' }] : [module]
}

/** A Kubo with an import profile of its own: what is registered has to be what is pinned. */
function checkCid(kuboUrl: string, found: string, wanted: string): void {
  if (found === wanted) return
  throw new WasmateError('KUBO_REFUSED', `${kuboUrl} made ${found} of what is ${wanted} here`)
}

/** Gives the CID of the last entry: the file, or the directory around all of them. */
async function add(
  blocks: BlockCache,
  entries: ImportEntry[],
  profile: ImportProfile,
  wrap: boolean,
): Promise<string> {
  let cid = ''
  const put = (block: Parameters<BlockCache['put']>[0]): Promise<void> => blocks.put(block)
  for await (const entry of importEntries(entries, put, { ...importProfiles[profile], wrap })) {
    cid = entry.cid.toString()
  }
  return cid
}
