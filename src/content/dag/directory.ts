// Named links to one directory: plain, or sharded as soon as it is as large as its profile allows.

import { importer } from 'ipfs-unixfs-importer'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { Block } from './codecs.ts'

export interface DirectoryLink {
  name: string
  cid: CID
  /** Bytes of the whole DAG under it. */
  dagSize: number
}

export interface DirectorySettings {
  cidVersion: 0 | 1
  /** How the size of a directory is estimated when it is decided whether to shard it. */
  directoryEstimate: 'links-bytes' | 'block-bytes'
}

/**
 * The importer's own directories, filled with links that are ready: what it would shard is sharded here, and the
 * CID is the one that an import gives. A later link replaces an earlier one of its name.
 */
export async function buildDirectory(
  links: AsyncIterable<DirectoryLink> | Iterable<DirectoryLink>,
  put: (block: Block) => Promise<unknown>,
  { cidVersion, directoryEstimate }: DirectorySettings,
): Promise<Omit<DirectoryLink, 'name'>> {
  const dagBuilder = async function* () {
    for await (const { name, cid, dagSize } of links) {
      if (name === '' || name.includes('/')) {
        throw new WasmateError('INPUT_INVALID', `${JSON.stringify(name)} is no name in a directory`)
      }
      yield () => Promise.resolve({ path: name, cid, size: BigInt(dagSize) })
    }
  }
  let last: { cid: CID; size: bigint } | undefined
  const options = { dagBuilder, wrapWithDirectory: true, cidVersion, shardSplitStrategy: directoryEstimate }
  for await (const entry of importer([], toStore(put), options)) last = entry
  if (!last) throw new WasmateError('INTERNAL', 'the importer gave no directory')
  return { cid: last.cid, dagSize: Number(last.size) }
}

/** Where the importer puts its blocks. */
export function toStore(put: (block: Block) => Promise<unknown>): {
  put: (cid: CID, bytes: unknown) => Promise<CID>
} {
  return {
    put: async (cid, bytes) => {
      if (!(bytes instanceof Uint8Array)) throw new WasmateError('INTERNAL', 'the importer gave a stream')
      await put({ cid, bytes })
      return cid
    },
  }
}
