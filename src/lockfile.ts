// wasmate.lock: which version of which name, with which bytes, this workspace counts on, on each network. People
// commit it, so that a colleague or a CI gets the same bytes.

import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { WasmateError, describe, systemCode, toWasmateError } from './base/errors.ts'
import { acquireLock } from './base/disk/lock.ts'
import { pause } from './base/pause.ts'
import { namedIssues } from './config.ts'
import { importProfileNames } from './model.ts'
import { prepareWorkspace, workspaceAt } from './workspace.ts'

/** Raised when the file changes its form; an older Wasmate then refuses instead of guessing. */
const formatVersion = 1

const entrySchema = z.strictObject({
  contract: z.string().regex(/^0x[0-9a-f]{1,64}$/, 'expected 0x and hex digits'),
  version: z.int().min(1),
  cid: z.string().min(1),
  sha256: z.string().regex(/^([0-9a-f]{64})?$/, 'expected 64 hex digits'),
  size: z.int().min(0),
  /** Where it was deployed from here: the registry does not know how the bytes became their CID. */
  profile: z.enum(importProfileNames).optional(),
})

/** Not zod's record: that drops a name that is `__proto__`. */
const tableSchema = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
)
const fileSchema = z.strictObject({ format: z.int().min(1), functions: tableSchema })

/** `sha256` is empty and `size` 0 where the registry knows neither. */
export type LockEntry = z.infer<typeof entrySchema>

export interface LockedFunction extends LockEntry {
  name: string
  network: string
}

export interface WriteOptions {
  signal?: AbortSignal
  /** Asked of the entry in the same place, if there is one, while nobody else can write. */
  isNewer?(found: LockedFunction): Promise<boolean>
}

/** How long another process may be writing the file. */
const waitMs = 10_000

export class Lockfile {
  readonly path: string
  readonly #folder: string
  #writing: Promise<unknown> = Promise.resolve()

  /** `folder`: the workspace. */
  constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, 'wasmate.lock')
  }

  /** By name, then by network; none when there is no file. Throws LOCK_DAMAGED or STATE_NEWER. */
  async read(): Promise<LockedFunction[]> {
    const text = await readFile(this.path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw new WasmateError('LOCK_DAMAGED', `${this.path}: ${describe(error)}`, { cause: error })
    })
    if (text === undefined) return []
    const value = this.#check(() => JSON.parse(text) as unknown)
    const { format } = this.#check(() => z.object({ format: z.int() }).parse(value))
    if (format > formatVersion) {
      throw new WasmateError('STATE_NEWER', `${this.path} has format ${format}, this is ${formatVersion}`)
    }
    return this.#check(() => parseFunctions(value))
  }

  async find(name: string, network: string): Promise<LockedFunction | undefined> {
    return (await this.read()).find((each) => each.name === name && each.network === network)
  }

  /**
   * Puts one entry in and keeps all others, whoever writes at the same time; the one in its place is kept when
   * `isNewer` says so. Throws LOCK_DAMAGED or STATE_NEWER.
   */
  write(entry: LockedFunction, { signal, isNewer }: WriteOptions = {}): Promise<void> {
    const written = this.#writing.then(() => this.#merge(entry, isNewer, signal))
    this.#writing = written.catch(() => undefined)
    return written
  }

  async #merge(
    entry: LockedFunction,
    isNewer: WriteOptions['isNewer'],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<void> {
    const turn = await this.#takeTurn(signal)
    try {
      const all = await this.read()
      const found = all.find((each) => isSamePlace(each, entry))
      if (found && (await isNewer?.(found))) return
      const others = all.filter((each) => each !== found)
      await writeFileAtomic(this.path, format([...others, entry]))
    } finally {
      await turn.release()
    }
  }

  /** In `.wasmate`, which git ignores: one that a killed process left is taken over. */
  async #takeTurn(signal: AbortSignal): Promise<{ release(): Promise<void> }> {
    const workspace = workspaceAt(this.#folder)
    await prepareWorkspace(workspace)
    const deadline = performance.now() + waitMs
    for (;;) {
      signal.throwIfAborted()
      try {
        return await acquireLock(join(workspace.state, 'lockfile.lock'))
      } catch (error) {
        const { code, detail } = toWasmateError(error)
        if (code !== 'EMULATOR_STARTING') throw error
        if (performance.now() > deadline) {
          throw new WasmateError(
            'STATE_UNWRITABLE',
            `${this.path} is being written by ${detail ?? 'another'}`,
          )
        }
      }
      await pause(20, signal)
    }
  }

  #check<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      const what = error instanceof z.ZodError ? namedIssues(error) : describe(error)
      throw new WasmateError('LOCK_DAMAGED', `${this.path}: ${what}`, { cause: error })
    }
  }
}

function parseFunctions(value: unknown): LockedFunction[] {
  const { functions } = fileSchema.parse(value)
  return entriesOf(functions).flatMap(([name, networks]) => {
    return entriesOf(parseTable(name, networks)).map(([network, entry]) => ({
      name,
      network,
      ...parseEntry(`${name}.${network}`, entry),
    }))
  })
}

function parseTable(place: string, value: unknown): object {
  const parsed = tableSchema.safeParse(value)
  if (!parsed.success) throw new Error(namedIssues(parsed.error, `${place} `))
  return parsed.data
}

function parseEntry(place: string, value: unknown): LockEntry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) throw new Error(namedIssues(parsed.error, `${place}.`))
  return parsed.data
}

function entriesOf(table: object): [string, unknown][] {
  return Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The same entries always give the same text: two people's files differ in what differs, and in nothing else. */
function format(entries: LockedFunction[]): string {
  const names = [...new Set(entries.map(({ name }) => name))].sort()
  const functions = names.map((name) => {
    const own = entries.filter((each) => each.name === name).sort((a, b) => (a.network < b.network ? -1 : 1))
    return [name, Object.fromEntries(own.map((entry) => [entry.network, toEntry(entry)]))]
  })
  // A name may be `__proto__`: these make a property of it like any other.
  const file = { format: formatVersion, functions: Object.fromEntries(functions) as unknown }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

function toEntry({ contract, version, cid, sha256, size, profile }: LockedFunction): LockEntry {
  return { contract, version, cid, sha256, size, ...(profile && { profile }) }
}

function isSamePlace(a: LockedFunction, b: LockedFunction): boolean {
  return a.name === b.name && a.network === b.network
}
