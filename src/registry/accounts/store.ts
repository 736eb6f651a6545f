// Accounts of networks in the user's own folder, one file each, readable by nobody else: addresses in the clear, keys
// under a password, and of those who sign outside no key at all.

import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError, systemCode } from '../../base/errors.ts'
import { readState, removeState, writeState } from '../../base/disk/state-file.ts'
import { type Keystore, parseKeystore } from './keystore.ts'

const felt = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/)

const schema = z.object({
  format: z.literal(1),
  network: z.string(),
  address: felt,
  publicKey: felt.optional(),
  /** Made here, and not on the chain until `wasmate account deploy`. */
  created: z.boolean().optional(),
  keystore: z.unknown().transform(parseKeystore).optional(),
})

export interface StoredAccount {
  name: string
  network: string
  address: string
  publicKey?: string | undefined
  created?: boolean | undefined
  /** Absent: it signs outside. */
  keystore?: Keystore | undefined
}

export class AccountStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** By name. Throws STATE_DAMAGED. */
  async list(network?: string): Promise<StoredAccount[]> {
    const files = await readdir(this.#folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    })
    const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5))
    const all = await Promise.all(names.sort().map((name) => this.#read(name)))
    return all.flatMap((each) => (each && (network === undefined || each.network === network) ? [each] : []))
  }

  /** Throws ACCOUNT_UNKNOWN. */
  async get(name: string): Promise<StoredAccount> {
    const found = isName(name) ? await this.#read(name) : undefined
    if (found) return found
    throw new WasmateError('ACCOUNT_UNKNOWN', JSON.stringify(name))
  }

  /** Throws ACCOUNT_EXISTS, INPUT_INVALID for what is no name of a file. */
  async add({ name, ...account }: StoredAccount): Promise<void> {
    if (!isName(name)) {
      throw new WasmateError('INPUT_INVALID', `${JSON.stringify(name)} is no name: letters, digits, - and _`)
    }
    if (await this.#read(name)) throw new WasmateError('ACCOUNT_EXISTS', name)
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeState(this.#path(name), { format: 1, ...account })
  }

  /** Throws ACCOUNT_UNKNOWN. */
  async remove(name: string): Promise<StoredAccount> {
    const found = await this.get(name)
    await removeState(this.#path(name))
    return found
  }

  async #read(name: string): Promise<StoredAccount | undefined> {
    const found = await readState(this.#path(name), (value) => schema.parse(value))
    if (!found) return undefined
    const { format: _format, ...account } = found
    return { name, ...account }
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`)
  }
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)
}
