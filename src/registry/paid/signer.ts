// Who signs for an account: a key that is here, or somebody outside who is shown the transaction.

import { WasmateError } from '../../base/errors.ts'
import type { Starknet } from '../starknet.ts'
import { toHex } from './drafts.ts'

export interface Signer {
  address: string
  /** Throws SIGNATURE_MISSING when it comes from outside, later. */
  sign(hash: string, unsigned: Record<string, unknown>): Promise<string[]>
  /** Of a key that is here: shows that it is the account's. */
  prove?(hash: string): string[]
  /** What has come from outside for a transaction that waits for it. */
  resume?(hash: string): Promise<External | undefined>
}

/** A signature, or the hash of the transaction that was sent elsewhere. */
export type External = { signature: string[] } | { transaction: string }

/** Holds the key for as long as it is held; nothing shows it. */
export function keySigner({ ec }: Starknet, address: string, privateKey: string): Signer {
  const prove = (hash: string): string[] => {
    const { r, s } = ec.starkCurve.sign(
      hash.slice(2).padStart(64, '0'),
      privateKey.slice(2).padStart(64, '0'),
    )
    return [toHex(r), toHex(s)]
  }
  return { address, prove, sign: async (hash) => prove(hash) }
}

export interface Unsigned {
  address: string
  /** What is to be signed. */
  hash: string
  transaction: Record<string, unknown>
}

/** Shows what is to be signed, and stops there; `given` is what came back of it. */
export function externalSigner(
  address: string,
  given: External | undefined,
  show: (unsigned: Unsigned) => void,
): Signer {
  return {
    address,
    sign: async (hash, transaction) => {
      show({ address, hash, transaction })
      throw new WasmateError('SIGNATURE_MISSING', hash)
    },
    resume: async () => given,
  }
}

/** `0x..,0x..`; throws INPUT_INVALID. */
export function parseSignature(text: string): string[] {
  const felts = text.split(',').map((felt) => felt.trim())
  if (felts.length >= 2 && felts.every((felt) => /^0x[0-9a-fA-F]{1,64}$/.test(felt))) return felts
  throw new WasmateError(
    'INPUT_INVALID',
    `${text} is no signature: field elements with commas between, 0xR,0xS`,
  )
}
