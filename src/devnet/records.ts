// What the chain's journal holds: how the chain was made, then every request that changed it.

import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError } from '../base/errors.ts'
import { Journal } from '../base/disk/journal.ts'

const format = 1

const headerSchema = z.object({
  kind: z.literal('chain'),
  format: z.literal(format),
  /** Version of starknet-devnet that made it. */
  devnet: z.string(),
  seed: z.int(),
  accounts: z.int(),
  chainId: z.string(),
  /** Timestamp of block 0, in seconds since 1970. */
  startTime: z.int(),
})

const entrySchema = z.object({
  kind: z.literal('write'),
  /** The JSON-RPC call as the client wrote it. */
  request: z.string(),
  /** When it was sent by the wall clock, in seconds since 1970. */
  at: z.int(),
  /** What the chain's time was set to before it; absent when the call sets the time itself. */
  time: z.int().optional(),
  /** The latest block after it. */
  block: z.object({ number: z.int(), hash: z.string() }),
  /** What the chain answered, as JSON; as its SHA-256 when it is long. */
  outcome: z.string(),
})

/** A journal of a later format: nothing in it is looked at. */
const newerSchema = z.object({ kind: z.literal('chain'), format: z.int().gt(format) })

export type Header = z.infer<typeof headerSchema>
export type Entry = z.infer<typeof entrySchema>
type Record = Header | Entry | { kind: 'newer' }

/** SN_SEPOLIA, devnet's own default: what works here works there. */
export const chainId = '0x534e5f5345504f4c4941'

export interface RecordsOptions {
  folder: string
  seed: number
  accounts: number
  repair?: boolean | undefined
}

export interface Records {
  journal: Journal<Record>
  /** Absent for a chain that is still to be made. */
  header: Header | undefined
  entries: Entry[]
}

/** Throws STATE_DAMAGED, STATE_NEWER, or CONFIG_INVALID when the chain was made with other settings. */
export async function openRecords(options: RecordsOptions): Promise<Records> {
  const path = join(options.folder, 'chain.journal')
  const { journal, records } = await Journal.open({
    path,
    parse: createParser(),
    repair: options.repair ?? false,
  })
  try {
    const [header, ...entries] = records
    if (header === undefined) return { journal, header: undefined, entries: [] }
    if (header.kind === 'newer') throw new WasmateError('STATE_NEWER', path)
    if (header.kind !== 'chain' || !entries.every((record) => record.kind === 'write')) {
      throw new WasmateError('STATE_DAMAGED', `${path} (its records are out of order)`)
    }
    requireSetting('seed', header.seed, options.seed)
    requireSetting('accounts', header.accounts, options.accounts)
    return { journal, header, entries }
  } catch (error) {
    await journal.close()
    throw error
  }
}

export function createHeader(devnet: string, seed: number, accounts: number, startTime: number): Header {
  return { kind: 'chain', format, devnet, seed, accounts, chainId, startTime }
}

function createParser(): (value: unknown) => Record {
  let newer = false
  return (value) => {
    newer ||= newerSchema.safeParse(value).success
    if (newer) return { kind: 'newer' }
    return z.discriminatedUnion('kind', [headerSchema, entrySchema]).parse(value)
  }
}

function requireSetting(name: string, made: number, given: number): void {
  if (made === given) return
  throw new WasmateError(
    'CONFIG_INVALID',
    `wasmate.devnet.${name} is ${given}, but this chain was made with ${made}; set it back, or start a new chain`,
  )
}
