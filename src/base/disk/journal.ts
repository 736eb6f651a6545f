// An append-only file of JSON records: the truth of what was acknowledged.
// A record counts once its line, newline included, is on disk. A torn last line was never
// acknowledged and is dropped; damage anywhere else is refused, never skipped over.

import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WasmateError, systemCode } from '../errors.ts'

export interface JournalOptions<T> {
  path: string
  /** Checks the shape of a record read back; throws when it is not one. */
  parse: (value: unknown) => T
  /** Keep the intact head of a damaged file and set the whole file aside, instead of refusing to open. */
  repair?: boolean
}

interface Intact<T> {
  records: T[]
  /** Bytes of the file that hold intact records. */
  length: number
  /** 1-based number and reason of the first line that is neither intact nor torn off at the end. */
  damage: { line: number; reason: string } | undefined
}

export class Journal<T> {
  readonly path: string
  /** Where the damaged file was set aside when this journal was opened with `repair`. */
  readonly setAside: string | undefined
  #file: FileHandle
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(path: string, file: FileHandle, setAside: string | undefined) {
    this.path = path
    this.#file = file
    this.setAside = setAside
  }

  /** Opens or creates the file and gives back every record in order. */
  static async open<T>(options: JournalOptions<T>): Promise<{ journal: Journal<T>; records: T[] }> {
    const { path } = options
    await mkdir(dirname(path), { recursive: true })
    const bytes = await readFile(path).catch(emptyWhenMissing)
    const intact = readIntact(bytes, options.parse)
    if (intact.damage && !options.repair) {
      throw new WasmateError('STATE_DAMAGED', `${path} line ${intact.damage.line} (${intact.damage.reason})`)
    }
    const setAside = intact.damage ? await copyAside(path) : undefined
    const file = await open(path, setAside ? 'w' : 'a', 0o600)
    if (setAside) await file.writeFile(bytes.subarray(0, intact.length))
    else await file.truncate(intact.length)
    await file.datasync()
    return { journal: new Journal<T>(path, file, setAside), records: intact.records }
  }

  /** Resolves when the records are on disk. Appends of one journal keep their order; one that fails leaves nothing. */
  append(...records: T[]): Promise<void> {
    return this.#enqueue(async () => {
      const { size } = await this.#file.stat()
      try {
        await this.#file.appendFile(records.map(formatRecord).join(''))
        await this.#file.datasync()
      } catch (error) {
        // A full disk can leave half a record, which would make damage of the next one.
        await this.#file.truncate(size).catch(() => undefined)
        throw error
      }
    })
  }

  /** Replaces the whole content in one step: a crash leaves the old content or the new, never a mixture. */
  rewrite(records: T[]): Promise<void> {
    return this.#enqueue(async () => {
      const next = `${this.path}.next`
      try {
        await writeSynced(next, records.map(formatRecord).join(''))
        await rename(next, this.path)
      } catch (error) {
        await rm(next, { force: true })
        throw error
      }
      await this.#file.close()
      this.#file = await open(this.path, 'a', 0o600)
    })
  }

  close(): Promise<void> {
    return this.#enqueue(() => this.#file.close())
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}

function formatRecord(record: unknown): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}\n`
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 8)
}

function readIntact<T>(bytes: Buffer, parse: (value: unknown) => T): Intact<T> {
  const records: T[] = []
  let length = 0
  for (let line = 1; length < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, length)
    if (end === -1) return { records, length, damage: undefined }
    try {
      records.push(parse(readLine(bytes.toString('utf8', length, end))))
    } catch (error) {
      return {
        records,
        length,
        damage: { line, reason: error instanceof Error ? error.message : String(error) },
      }
    }
    length = end + 1
  }
  return { records, length, damage: undefined }
}

function readLine(line: string): unknown {
  const json = line.slice(9)
  if (line.slice(0, 8) !== checksum(json)) throw new Error('checksum does not match')
  return JSON.parse(json)
}

async function copyAside(path: string): Promise<string> {
  const aside = `${path}.damaged-${Date.now()}`
  await rename(path, aside)
  return aside
}

function emptyWhenMissing(error: unknown): Buffer {
  if (systemCode(error) === 'ENOENT') return Buffer.alloc(0)
  throw error
}
