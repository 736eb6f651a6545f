// Blocks on disk, one file each, in the layout of blockstore-fs; verified on the way in and on the way out.

import { randomUUID } from 'node:crypto'
import {
  type FileHandle,
  access,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { NextToLast } from 'blockstore-fs/sharding'
import { base32upper } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { WasmateError, systemCode } from '../base/errors.ts'
import { eachLimited } from '../base/limited.ts'
import { type Block, type BlockReader, isIdentity, keyOf, matches, verifyBlock } from './dag/codecs.ts'

const temporaryName = 'incoming'

/** More calls to a file system at one time than this bring nothing. */
const atOnce = 16

/**
 * blockstore-fs itself is not used for the writing: it does not sync, so a pin could outlive its blocks in a
 * power cut, it shares one temporary name between two writers of a block, and any read error is "not found".
 */
export class BlockFolder implements BlockReader {
  readonly folder: string
  readonly #layout = new NextToLast()
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Creates the folder; drops what a killed process had half written. */
  async open(): Promise<void> {
    const incoming = join(this.folder, temporaryName)
    await mkdir(incoming, { recursive: true })
    // Emptied, not made anew: that could fail on a full disk.
    for (const name of await readdir(incoming))
      await rm(join(incoming, name), { recursive: true, force: true })
  }

  /** Throws CONTENT_NOT_FOUND, or STATE_DAMAGED naming the file when its bytes are not those of the CID. */
  async get(cid: CID): Promise<Uint8Array> {
    if (isIdentity(cid)) return cid.multihash.digest
    const bytes = await this.#read(cid)
    if (!bytes) throw new WasmateError('CONTENT_NOT_FOUND', `block ${cid.toString()}`)
    if (!matches({ cid, bytes }))
      throw new WasmateError('STATE_DAMAGED', `${this.pathOf(cid)} (block ${cid.toString()})`)
    return bytes
  }

  /** Whether there is a file for it; its bytes are not looked at. */
  async has(cid: CID): Promise<boolean> {
    if (isIdentity(cid)) return true
    return access(this.pathOf(cid)).then(
      () => true,
      () => false,
    )
  }

  /** On disk when this resolves. Gives whether it is new here; a damaged file is replaced. */
  put(block: Block): Promise<boolean> {
    if (isIdentity(block.cid)) return Promise.resolve(false)
    return this.#inTurn(block.cid, async () => {
      verifyBlock(block)
      const there = await this.#read(block.cid)
      if (there && Buffer.compare(there, block.bytes) === 0) return false
      await this.#write(block)
      return true
    })
  }

  /** Gives whether something was removed. `keep` is asked when the block's turn has come. */
  delete(cid: CID, keep: () => boolean = () => false): Promise<boolean> {
    return this.#inTurn(cid, async () => {
      if (keep()) return false
      try {
        await unlink(this.pathOf(cid))
        return true
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return false
        throw error
      }
    })
  }

  /**
   * Every stored block, in no order: codec and version are not stored, so each shows as raw CIDv1. Blocks that come or
   * go meanwhile may be missed.
   */
  async *list(): AsyncGenerator<CID> {
    for await (const cids of this.listBatches()) yield* cids
  }

  /** As `list`, some hundred at a time. */
  async *listBatches(): AsyncGenerator<CID[]> {
    for await (const names of this.#listNames()) {
      const cids = names.map(({ name }) => cidOf(basename(name, this.#layout.extension)))
      yield cids.filter((cid) => cid !== undefined)
    }
  }

  /** How many blocks there are, and how many bytes. */
  async measure(): Promise<{ count: number; bytes: number }> {
    const found = { count: 0, bytes: 0 }
    for await (const names of this.#listNames()) {
      await eachLimited(names, atOnce, async ({ folder, name }) => {
        const size = await sizeOf(join(folder, name))
        if (size === undefined) return
        found.count += 1
        found.bytes += size
      })
    }
    return found
  }

  /** Deletes each that is not to be kept when its turn has come; gives those that were removed. */
  async deleteAll(cids: CID[], keep: (cid: CID) => boolean): Promise<CID[]> {
    const removed = await eachLimited(cids, atOnce, (cid) => this.delete(cid, () => keep(cid)))
    return cids.filter((_, index) => removed[index])
  }

  /** Sets damaged files aside, so that their CIDs are missing instead of damaged; gives their new paths. */
  async setDamagedAside(): Promise<string[]> {
    const aside: string[] = []
    for await (const cids of this.listBatches()) {
      await eachLimited(cids, atOnce, async (cid) => {
        const bytes = await this.#read(cid)
        if (!bytes || matches({ cid, bytes })) return
        const path = this.pathOf(cid)
        await rename(path, `${path}.damaged`)
        aside.push(`${path}.damaged`)
      })
    }
    return aside
  }

  async *#listNames(): AsyncGenerator<{ folder: string; name: string }[]> {
    for (const shard of await readdir(this.folder, { withFileTypes: true })) {
      if (!shard.isDirectory() || shard.name === temporaryName) continue
      const folder = join(this.folder, shard.name)
      const names = await readdir(folder)
      yield names.filter((name) => name.endsWith(this.#layout.extension)).map((name) => ({ folder, name }))
    }
  }

  async #read(cid: CID): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.pathOf(cid))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async #write({ cid, bytes }: Block): Promise<void> {
    const path = this.pathOf(cid)
    const next = join(this.folder, temporaryName, randomUUID())
    try {
      await writeSynced(next, bytes)
      await rename(next, path).catch(async (error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error
        await mkdir(dirname(path), { recursive: true })
        await rename(next, path)
      })
    } catch (error) {
      await rm(next, { force: true })
      throw error
    }
    await syncFolder(dirname(path))
  }

  /** The file of a block, whether it is there or not. */
  pathOf(cid: CID): string {
    const { dir, file } = this.#layout.encode(cid)
    return join(this.folder, dir, file)
  }

  /** Puts and deletes of one block follow each other: neither sees the other half done. */
  #inTurn<T>(cid: CID, work: () => Promise<T>): Promise<T> {
    const key = keyOf(cid)
    const done = (this.#last.get(key) ?? Promise.resolve()).then(work)
    const settled: Promise<void> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key)
      })
    this.#last.set(key, settled)
    return done
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** A rename is on disk when its folder is. Windows can't open folders, and keeps renames in its own journal. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  let folder: FileHandle | undefined
  try {
    folder = await open(path, 'r')
    await folder.sync()
  } finally {
    await folder?.close()
  }
}

/** `undefined` for a file that has gone since it was listed. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** `undefined` for a file that no block of ours is called. */
function cidOf(name: string): CID | undefined {
  try {
    return CID.createV1(rawCode, decodeDigest(base32upper.decode(name)))
  } catch {
    // Whatever somebody else put into the folder is left alone.
    return undefined
  }
}
