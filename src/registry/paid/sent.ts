// What was signed and may have been sent, one file an operation: whoever begins again finds it, and sends nothing twice.

import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import { type Lock, acquireLock } from '../../base/disk/lock.ts'
import { readState, removeState, writeState } from '../../base/disk/state-file.ts'
import type { Bounds } from './drafts.ts'

const amount = z.string().regex(/^\d+$/).transform(BigInt)
const bound = z.object({ amount, price: amount })
const boundsSchema: z.ZodType<Bounds> = z.object({ l1_gas: bound, l2_gas: bound, l1_data_gas: bound })

const schema = z.object({
  /** Which draft of the operation: a registry takes a declare and an invoke. */
  kind: z.enum(['invoke', 'declare', 'deploy-account']),
  /** What is done, word for word: another wish for the same name is another operation. */
  operation: z.string(),
  hash: z.string(),
  nonce: amount,
  bounds: boundsSchema,
  /** Absent while it waits for a signature from outside. */
  signature: z.array(z.string()).optional(),
})

/** Nothing in it is secret: it is what the chain is sent. */
export type SentTransaction = z.infer<typeof schema>

/** What one operation has sent; `subject` is what it is about, such as an account and a name on a chain. */
export class SentTransactions {
  readonly #folder: string
  readonly #subject: string

  constructor(folder: string, subject: string) {
    this.#folder = folder
    this.#subject = createHash('sha256').update(subject).digest('hex').slice(0, 16)
  }

  /** Keeps others from doing the same at the same time; throws TRANSACTION_UNSETTLED, naming the process that does. */
  async lock(): Promise<Lock> {
    await mkdir(this.#folder, { recursive: true })
    return acquireLock(join(this.#folder, `${this.#subject}.lock`)).catch((error: unknown) => {
      const { code, detail } = toWasmateError(error)
      if (code !== 'EMULATOR_STARTING') throw error
      throw new WasmateError(
        'TRANSACTION_UNSETTLED',
        `${detail} is at the same; nothing was sent by this one`,
      )
    })
  }

  /** Throws STATE_DAMAGED. */
  read(kind: SentTransaction['kind']): Promise<SentTransaction | undefined> {
    return readState(this.#path(kind), (value) => schema.parse(value))
  }

  /** Resolves when it is on disk. */
  async write(transaction: SentTransaction): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const text = JSON.stringify(transaction, (_key, value: unknown) => {
      return typeof value === 'bigint' ? value.toString() : value
    })
    await writeState(this.#path(transaction.kind), JSON.parse(text))
  }

  remove(kind: SentTransaction['kind']): Promise<void> {
    return removeState(this.#path(kind))
  }

  async clear(): Promise<void> {
    for (const kind of ['invoke', 'declare', 'deploy-account'] as const) await this.remove(kind)
  }

  #path(kind: SentTransaction['kind']): string {
    return join(this.#folder, `${this.#subject}-${kind}.json`)
  }
}
