// What a deployment consists of: a module and its source as blocks, whose CIDs are known before anything is pinned.

import type { CID } from 'multiformats/cid'
import { readSourceFiles } from '../../build/files.ts'
import { encodeCar } from '../../content/car.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import { type ImportEntry, importEntries, importProfiles } from '../../content/import.ts'
import { BlockCache } from '../../content/tree/cache.ts'
import type { ImportProfile, Publication, Source, WasmModule } from '../../model.ts'

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
  module: Uint8Array
  /** Empty for a ready module. */
  files: { path: string; bytes: Uint8Array }[]
  /** The module first. */
  roots: Root[]
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
  const roots: Root[] = [{ cid, name, what: 'module' }]
  if (sourceCid) roots.push({ cid: sourceCid, name: `${name} source`, what: 'source' })
  return {
    publication: { name, cid, sha256: module.sha256, size: module.bytes.length, sourceCid },
    ...{ profile, exports: module.exports, module: module.bytes, files, roots },
    exportCar: (root) => {
      const parsed: CID = parseCid(root)
      return encodeCar([parsed], walkDag(blocks, parsed))
    },
  }
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
