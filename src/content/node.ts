// The embedded IPFS node: blocks and pins in one folder, no network of its own.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Service } from '../base/service.ts'
import { BlockFolder } from './blocks.ts'
import { openCar } from './car.ts'
import { type Block, type BlockReader, isIdentity } from './dag/codecs.ts'
import { type KeptRoots, collectGarbage } from './collect.ts'
import { Delivery } from './delivery.ts'
import { Files } from './files/files.ts'
import { type Hold, Holds } from './holds.ts'
import { type ImportEntry, type ImportOptions, type ImportedEntry, importEntries } from './import.ts'
import { type PinMode, PinSet } from './pins.ts'
import { openStamp } from './stamp.ts'
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

export class ContentNode implements Service, BlockReader {
  readonly folder: string
  readonly blocks: BlockFolder
  /** What a collection leaves as well. */
  readonly kept: KeptRoots[] = []
  readonly #log: Log
  readonly #repair: boolean
  readonly #holds = new Holds()
  #pins: PinSet | undefined
  #files: Files | undefined
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
    this.#publicKey = await openStamp(this.folder)
    await this.blocks.open()
    const pins = await PinSet.open(join(this.folder, 'pins.journal'), this.#repair)
    try {
      const path = join(this.folder, 'files.journal')
      this.#files = await Files.open({ path, store: this.blocks, holds: this.#holds, repair: this.#repair })
    } catch (error) {
      await pins.close()
      throw error
    }
    this.#pins = pins
    if (!this.#repair) return
    const aside = [pins.setAside, this.#files.setAside, ...(await this.blocks.setDamagedAside())]
    for (const path of aside) if (path !== undefined) this.#log.warn(`set aside ${path}`)
  }

  async stop(): Promise<void> {
    const pins = this.#pins
    this.#pins = undefined
    await this.#collecting
    const files = this.#files
    this.#files = undefined
    await files?.close()
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

  /** The mutable file system. */
  get files(): Files {
    if (!this.#files) throw new WasmateError('INTERNAL', 'the IPFS node is not started')
    return this.#files
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

  /** Yields entries as they are done, the top last, pinned when asked for; of one that does not end, nothing is kept. */
  async *add(
    entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
    { pin, pinName, onlyHash, ...options }: AddOptions,
  ): AsyncGenerator<ImportedEntry> {
    const hold = this.#holds.open()
    const delivery = new Delivery(this.blocks, hold)
    const pinned: CID[] = []
    let isDone = false
    try {
      const top: ImportedEntry[] = []
      const put = async (block: Block): Promise<void> => (onlyHash ? undefined : delivery.put(block))
      for await (const entry of importEntries(entries, put, options)) {
        const isTop = options.wrap ? entry.path === '' : !entry.path.includes('/')
        if (isTop) top.push(entry)
        else yield entry
      }
      for (const { cid } of pin && !onlyHash ? top : []) {
        await this.pins.add({ cid, mode: 'recursive', name: pinName })
        pinned.push(cid)
      }
      isDone = true
      yield* top
    } finally {
      // A disk that is full would stay full, and a client that has gone never asks for the rest.
      if (!isDone) await this.#takeBack(delivery, pinned)
      hold.release()
    }
  }

  /** Throws CONTENT_NOT_FOUND when a block of the DAG is missing; resolves when the pin is on disk. */
  async pin(cid: CID, mode: PinMode = 'recursive', name = '', signal?: AbortSignal): Promise<void> {
    await this.#whileHeld((hold) => this.#pinHeld(hold, cid, mode, name, signal))
  }

  /**
   * Stores the blocks of a CARv1 or CARv2, each verified before. Throws CAR_INVALID, BLOCK_MISMATCH naming the block
   * or CODEC_UNSUPPORTED, and then nothing of it is kept unless `keeps` says so of the failure; nor are the blocks of a
   * root that is not complete. What is kept is not pinned: another try finds it when no collection comes between.
   */
  async importCar(
    source: AsyncIterable<Uint8Array>,
    pinRoots: boolean,
    keeps: (failure: unknown) => boolean = () => false,
  ): Promise<ImportedCar> {
    return this.#whileHeld(async (hold) => {
      const delivery = new Delivery(this.blocks, hold)
      try {
        const car = await openCar(source)
        const counted = { blockCount: 0, blockBytes: 0 }
        for await (const block of car.blocks) {
          await delivery.put(block)
          counted.blockCount += 1
          counted.blockBytes += block.bytes.length
        }
        return { ...counted, roots: pinRoots ? await this.#pinRoots(hold, car.roots, delivery) : [] }
      } catch (error) {
        if (!keeps(error)) await delivery.takeBack()
        throw error
      }
    })
  }

  /**
   * Removes what no pin reaches and no add is about to pin, of all blocks or `only` of some; gives what was
   * removed. Collections follow each other.
   */
  collect({ only, signal }: { only?: CID[]; signal?: AbortSignal } = {}): Promise<CID[]> {
    const done = this.#collecting.then(async () => {
      await Promise.all(this.kept.map(({ known }) => known))
      const { blocks, pins, files } = this
      const kept = [files.kept ?? [], ...this.kept.map((each) => each.roots())].flat()
      return collectGarbage({ blocks, pins: pins.all(), kept, holds: this.#holds, only, signal })
    })
    this.#collecting = done.catch(() => undefined)
    return done
  }

  async #pinRoots(hold: Hold, roots: CID[], delivery: Delivery): Promise<ImportedCar['roots']> {
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
    const whole = pinned.filter(({ failure }) => failure === undefined).map(({ cid }) => cid)
    if (whole.length < pinned.length) await this.#takeBack(delivery, whole)
    return pinned
  }

  /** But what `roots` need of it. */
  async #takeBack(delivery: Delivery, roots: CID[]): Promise<void> {
    const needed = this.#holds.open()
    try {
      for (const cid of roots) for await (const block of walkDag(this, cid)) needed.add(block.cid)
      await delivery.takeBack()
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
}
