// The mutable file system (MFS): one root CID in a journal. Each change makes a new root and is there once that is
// on disk; a change that fails or is killed leaves the old one.

import type { CID } from 'multiformats/cid'
import { z } from 'zod'
import { Journal } from '../../base/disk/journal.ts'
import { type BlockReader, linksOf, parseCid } from '../dag/codecs.ts'
import type { DirectoryLink } from '../dag/directory.ts'
import { readBytes } from '../dag/unixfs.ts'
import { readIfHere } from '../dag/walk.ts'
import { Delivery, type DeliveryStore } from '../delivery.ts'
import type { Hold, Holds } from '../holds.ts'
import type { Operation } from './operations.ts'
import { parseFilePath } from './path.ts'
import { type Found, type TreeStore, describe, emptyDirectory, find, missing, readLinks } from './tree.ts'

export interface FilesOptions {
  /** Of the journal. */
  path: string
  store: BlockReader & DeliveryStore
  holds: Holds
  /** Keep the intact head of a damaged journal and set it aside, instead of refusing it. */
  repair: boolean
}

const recordSchema = z.strictObject({ root: z.string() })
type RootRecord = z.infer<typeof recordSchema>

/** Records before the journal is written anew: a root is of use only while it is the last. */
const maxRecords = 1000

export class Files {
  /** Where a damaged journal was set aside when it was opened with `repair`. */
  readonly setAside: string | undefined
  readonly #journal: Journal<RootRecord>
  readonly #store: BlockReader & DeliveryStore
  readonly #holds: Holds
  #root: CID | undefined
  #recordCount: number
  #last: Promise<unknown> = Promise.resolve()

  private constructor({ store, holds }: FilesOptions, journal: Journal<RootRecord>, records: RootRecord[]) {
    this.setAside = journal.setAside
    this.#journal = journal
    this.#store = store
    this.#holds = holds
    this.#recordCount = records.length
    const last = records.at(-1)
    this.#root = last && parseCid(last.root)
  }

  /** Throws STATE_DAMAGED, unless `repair` keeps the intact head of the journal. */
  static async open(options: FilesOptions): Promise<Files> {
    const { path, repair } = options
    const { journal, records } = await Journal.open({ path, repair, parse: parseRecord })
    return new Files(options, journal, records)
  }

  /** Nothing under it may be collected; absent as long as nothing was ever changed. */
  get kept(): CID | undefined {
    return this.#root
  }

  /** Throws CONTENT_NOT_FOUND when nothing is there, INPUT_INVALID for what is no path. */
  async find(path: string): Promise<Found> {
    const { names } = parseFilePath(path)
    const found = await find(this.#reader(), this.#root ?? empty.cid, names)
    if (!found) throw missing()
    return found
  }

  describe(cid: CID): Promise<Found> {
    return describe(this.#reader(), cid)
  }

  /** Entries of a directory in its own order. */
  async list({ cid }: Found): Promise<DirectoryLink[]> {
    return [...(await readLinks(this.#reader(), cid)).values()]
  }

  /** From the first to before the second position. */
  read({ cid }: Found, from: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return readBytes(this.#store, cid, { from, to: end - 1 }, signal)
  }

  /** One after the other; resolves when the new root is on disk. */
  change(operation: Operation): Promise<void> {
    const done = this.#last.then(() => this.#run(operation))
    this.#last = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#last
    await this.#journal.close()
  }

  async #run(operation: Operation): Promise<void> {
    const hold = this.#holds.open()
    const delivery = new Delivery(this.#store, hold)
    try {
      const store: TreeStore = { get: this.#reader().get, put: (block) => delivery.put(block) }
      const before = this.#root ?? empty.cid
      if (!this.#root) await store.put(empty)
      const root = await operation({ store, root: before, keep: (cid) => holdAll(hold, this.#store, cid) })
      if (!root.equals(before) || !this.#root) await this.#commit(root)
    } catch (error) {
      await delivery.takeBack()
      throw error
    } finally {
      hold.release()
    }
  }

  async #commit(root: CID): Promise<void> {
    const record = { root: root.toString() }
    await this.#journal.append(record)
    this.#root = root
    if (++this.#recordCount < maxRecords) return
    this.#recordCount = 1
    // What is acknowledged is on disk already; a long journal opens as well as a short one.
    await this.#journal.rewrite([record]).catch(() => undefined)
  }

  /** The empty directory that nobody has put yet is there all the same. */
  #reader(): BlockReader {
    return { get: (cid) => (cid.equals(empty.cid) ? Promise.resolve(empty.bytes) : this.#store.get(cid)) }
  }
}

const empty = emptyDirectory()

function parseRecord(value: unknown): RootRecord {
  const record = recordSchema.parse(value)
  parseCid(record.root)
  return record
}

/** What of a DAG is not here can't be collected either. */
async function holdAll(hold: Hold, store: BlockReader, root: CID): Promise<void> {
  const seen = new Set<string>()
  const stack = [root]
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    hold.add(cid)
    const bytes = await readIfHere(store, cid)
    if (bytes) for (const link of linksOf({ cid, bytes })) stack.push(link)
  }
}
