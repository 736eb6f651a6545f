// The embedded IPFS node: blocks and pins in one folder, no network of its own.

import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { z } from 'zod'
import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Service } from '../base/service.ts'
import { readState, writeState } from '../base/disk/state-file.ts'
import { BlockFolder } from './blocks.ts'
import { openCar } from './car.ts'
import { type Block, type BlockReader, isIdentity } from './dag/codecs.ts'
import { collectGarbage } from './collect.ts'
import { type Hold, Holds } from './holds.ts'
import { type ImportEntry, type ImportOptions, type ImportedEntry, importEntries } from './import.ts'
import { type PinMode, PinSet } from './pins.ts'
import { walkDag } from './dag/walk.ts'

export interface NodeOptions {
  /** Created when it is not there. */
  folder: string
  log: Log
  /** Keep what is intact and set damaged files aside, instead of refusing them. */
  repair?: boolean
}

export interface AddOptions extends ImportOptions {
  /** Pin every entry at the top recursively before it is yielded. */
  pin: boolean
  pinName: string
  /** Only tell the CIDs, store nothing. */
  onlyHash: boolean
}

export interface ImportedCar {
  /** With the reason why a root could not be pinned. */
  roots: { cid: CID; failure?: unknown }[]
  blockCount: number
  blockBytes: number
}

const folderVersion = 1
const folderSchema = z.object({ format: z.int(), publicKey: z.string() })

export class ContentNode implements Service, BlockReader {
  readonly folder: string
  readonly blocks: BlockFolder
  readonly #log: Log
  readonly #repair: boolean
  readonly #holds = new Holds()
  #pins: PinSet | undefined
  #publicKey = ''
  #collecting: Promise<unknown> = Promise.resolve()

  constructor({ folder, log, repair = false }: NodeOptions) {
    this.folder = folder
    this.blocks = new BlockFolder(join(folder, 'blocks'))
    this.#log = log.for('content')
    this.#repair = repair
  }

  /** Throws STATE_NEWER, or STATE_DAMAGED unless constructed with `repair`. */
  async start(): Promise<void> {
    if (this.#pins) return
    await mkdir(this.folder, { recursive: true })
    this.#publicKey = await this.#openFolder()
    await this.blocks.open()
    const pins = await PinSet.open(join(this.folder, 'pins.journal'), this.#repair)
    this.#pins = pins
    if (!this.#repair) return
    const aside = await this.blocks.setDamagedAside()
    for (const path of pins.setAside ? [pins.setAside, ...aside] : aside) this.#log.warn(`set aside ${path}`)
  }

  async stop(): Promise<void> {
    const pins = this.#pins
    this.#pins = undefined
    await this.#collecting
    await pins?.close()
  }

  /** 32 bytes, base64: a label of this node for clients that want a peer ID. Nothing is signed with it. */
  get publicKey(): string {
    return this.#publicKey
  }

  get pins(): PinSet {
    if (!this.#pins) throw new WasmateError('INTERNAL', 'the IPFS node is not started')
    return this.#pins
  }

  /** Throws CONTENT_NOT_FOUND, or STATE_DAMAGED when the stored bytes are not those of the CID. */
  get(cid: CID): Promise<Uint8Array> {
    return this.blocks.get(cid)
  }

  /** Stores one block that is not pinned unless `pinMode` says so. */
  async putBlock(block: Block, pinMode?: PinMode): Promise<void> {
    await this.#whileHeld(async (hold) => {
      hold.add(block.cid)
      await this.blocks.put(block)
      if (pinMode) await this.#pinHeld(hold, block.cid, pinMode, '')
    })
  }

  /** Yields entries as they are done; what is at the top comes last, and pinned when that was asked for. */
  async *add(
    entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
    { pin, pinName, onlyHash, ...options }: AddOptions,
  ): AsyncGenerator<ImportedEntry> {
    const hold = this.#holds.open()
    try {
      const top: ImportedEntry[] = []
      const put = (block: Block): Promise<unknown> => {
        if (onlyHash) return Promise.resolve()
        hold.add(block.cid)
        return this.blocks.put(block)
      }
      for await (const entry of importEntries(entries, put, options)) {
        const isTop = options.wrap ? entry.path === '' : !entry.path.includes('/')
        if (isTop) top.push(entry)
        else yield entry
      }
      for (const entry of top) {
        if (pin && !onlyHash) await this.pins.add({ cid: entry.cid, mode: 'recursive', name: pinName })
        yield entry
      }
    } finally {
      hold.release()
    }
  }

  /** Throws CONTENT_NOT_FOUND when a block of the DAG is missing; resolves when the pin is on disk. */
  async pin(cid: CID, mode: PinMode = 'recursive', name = '', signal?: AbortSignal): Promise<void> {
    await this.#whileHeld((hold) => this.#pinHeld(hold, cid, mode, name, signal))
  }

  /**
   * Stores the blocks of a CARv1, each verified before. Throws CAR_INVALID, BLOCK_MISMATCH naming the block
   * or CODEC_UNSUPPORTED, and then nothing of it is kept; nor are the blocks of a root that is not complete.
   */
  async importCar(source: AsyncIterable<Uint8Array>, pinRoots: boolean): Promise<ImportedCar> {
    return this.#whileHeld(async (hold) => {
      const fresh: CID[] = []
      try {
        const car = await openCar(source)
        const counted = { blockCount: 0, blockBytes: 0 }
        for await (const block of car.blocks) {
          hold.add(block.cid)
          if (await this.blocks.put(block)) fresh.push(block.cid)
          counted.blockCount += 1
          counted.blockBytes += block.bytes.length
        }
        return { ...counted, roots: pinRoots ? await this.#pinRoots(hold, car.roots, fresh) : [] }
      } catch (error) {
        await this.#discard(hold, fresh)
        throw error
      }
    })
  }

  /**
   * Removes what no pin reaches and no add is about to pin, of all blocks or `only` of some; gives what was
   * removed. Collections follow each other.
   */
  collect({ only, signal }: { only?: CID[]; signal?: AbortSignal } = {}): Promise<CID[]> {
    const done = this.#collecting.then(() =>
      collectGarbage({ blocks: this.blocks, pins: this.pins.all(), holds: this.#holds, only, signal }),
    )
    this.#collecting = done.catch(() => undefined)
    return done
  }

  async #pinRoots(hold: Hold, roots: CID[], fresh: CID[]): Promise<ImportedCar['roots']> {
    const pinned: ImportedCar['roots'] = []
    for (const cid of roots) {
      try {
        await this.#pinHeld(hold, cid, 'recursive', '')
        pinned.push({ cid })
      } catch (failure) {
        pinned.push({ cid, failure })
      }
    }
    // Blocks of a root that could be pinned stay, even when another root shares them.
    if (pinned.some(({ failure }) => failure)) await this.#discard(hold, fresh, pinned)
    return pinned
  }

  async #discard(hold: Hold, fresh: CID[], roots: ImportedCar['roots'] = []): Promise<void> {
    const needed = this.#holds.open()
    try {
      for (const { cid, failure } of roots) {
        if (failure) continue
        for await (const block of walkDag(this, cid)) needed.add(block.cid)
      }
      for (const cid of fresh) await this.blocks.delete(cid, () => hold.isShared(cid))
    } finally {
      needed.release()
    }
  }

  async #pinHeld(hold: Hold, cid: CID, mode: PinMode, name: string, signal?: AbortSignal): Promise<void> {
    const reader: BlockReader = {
      get: (wanted) => {
        hold.add(wanted)
        return this.get(wanted)
      },
    }
    if (mode === 'direct') await reader.get(cid)
    else for await (const block of walkDag(reader, cid, { signal })) isIdentity(block.cid)
    await this.pins.add({ cid, mode, name })
  }

  async #whileHeld<T>(work: (hold: Hold) => Promise<T>): Promise<T> {
    const hold = this.#holds.open()
    try {
      return await work(hold)
    } finally {
      hold.release()
    }
  }

  async #openFolder(): Promise<string> {
    const path = join(this.folder, 'node.json')
    const known = await readState(path, (value) => folderSchema.parse(value))
    if (known && known.format > folderVersion) {
      throw new WasmateError('STATE_NEWER', `${path} has format ${known.format}, this knows ${folderVersion}`)
    }
    if (known) return known.publicKey
    const publicKey = makePublicKey()
    await writeState(path, { format: folderVersion, publicKey })
    return publicKey
  }
}

/** The last 32 bytes of an Ed25519 key in SPKI form are the key itself (RFC 8410 section 4). */
function makePublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
}
