// The pin set: what must not be collected, kept in a journal; a pin is there once it is on disk.

import type { CID } from 'multiformats/cid'
import { z } from 'zod'
import { WasmateError, toWasmateError } from '../base/errors.ts'
import { Journal } from '../base/disk/journal.ts'
import { parseCid } from './dag/codecs.ts'

export type PinMode = 'recursive' | 'direct'

export interface PinnedRoot {
  cid: CID
  mode: PinMode
  /** Empty when it has none. */
  name: string
}

const recordSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('pin'),
    cid: z.string(),
    mode: z.enum(['recursive', 'direct']),
    name: z.string(),
  }),
  z.strictObject({ op: z.literal('unpin'), cid: z.string() }),
])
type PinRecord = z.infer<typeof recordSchema>

export class PinSet {
  /** Where a damaged journal was set aside when it was opened with `repair`. */
  readonly setAside: string | undefined
  readonly #journal: Journal<PinRecord>
  readonly #pins = new Map<string, PinnedRoot>()

  private constructor(journal: Journal<PinRecord>) {
    this.#journal = journal
    this.setAside = journal.setAside
  }

  /** Throws STATE_DAMAGED, unless `repair` keeps the intact head of the journal. */
  static async open(path: string, repair: boolean): Promise<PinSet> {
    const { journal, records } = await Journal.open({ path, repair, parse: parseRecord })
    const set = new PinSet(journal)
    for (const record of records) set.#apply(record)
    // Rewritten when most of it is history, so that it doesn't grow with every save for ever.
    if (records.length > 2 * set.#pins.size + 64) {
      // What is long opens as well: a full disk must not keep anybody from making room.
      await journal.rewrite([...set.#pins.values()].map(toRecord)).catch(refuseUnlessFull)
    }
    return set
  }

  get(cid: CID): PinnedRoot | undefined {
    return this.#pins.get(cid.toString())
  }

  all(): PinnedRoot[] {
    return [...this.#pins.values()]
  }

  /** Resolves when it is on disk. Pinning again changes the name, also to none, or makes a direct pin recursive. */
  async add(pin: PinnedRoot): Promise<void> {
    const there = this.get(pin.cid)
    if (there?.mode === 'recursive' && pin.mode === 'direct') {
      throw new WasmateError('INPUT_INVALID', `pin: ${pin.cid.toString()} already pinned recursively`)
    }
    if (there?.mode === pin.mode && there.name === pin.name) return
    await this.#commit(toRecord(pin))
  }

  /** Gives whether there was such a pin; resolves when its end is on disk. */
  async remove(cid: CID): Promise<boolean> {
    if (!this.get(cid)) return false
    await this.#commit({ op: 'unpin', cid: cid.toString() })
    return true
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  async #commit(record: PinRecord): Promise<void> {
    await this.#journal.append(record)
    this.#apply(record)
  }

  #apply(record: PinRecord): void {
    if (record.op === 'unpin') this.#pins.delete(record.cid)
    else this.#pins.set(record.cid, { cid: parseCid(record.cid), mode: record.mode, name: record.name })
  }
}

function refuseUnlessFull(error: unknown): void {
  if (toWasmateError(error).code !== 'STATE_UNWRITABLE') throw error
}

function toRecord({ cid, mode, name }: PinnedRoot): PinRecord {
  return { op: 'pin', cid: cid.toString(), mode, name }
}

function parseRecord(value: unknown): PinRecord {
  const record = recordSchema.parse(value)
  parseCid(record.cid)
  return record
}
