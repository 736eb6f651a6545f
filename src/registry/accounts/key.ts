// Private keys of the STARK curve, and the account contract that a new one is given.

import { WasmateError } from '../../base/errors.ts'
import type { AccountDeployment } from '../paid/drafts.ts'
import type { Starknet } from '../starknet.ts'

/** Order of the STARK curve: keys are above 0 and below it. */
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn

/** 0x and hex digits without leading zeros. Throws KEY_INVALID, which shows nothing of what was given. */
export function parsePrivateKey(text: string): string {
  const clean = text.trim()
  if (!/^(0x)?[0-9a-fA-F]{1,64}$/.test(clean)) throw new WasmateError('KEY_INVALID', 'it is not hexadecimal')
  const key = BigInt(clean.startsWith('0x') ? clean : `0x${clean}`)
  if (key > 0n && key < order) return `0x${key.toString(16)}`
  throw new WasmateError('KEY_INVALID', key === 0n ? 'it is 0' : 'it is too large for the curve')
}

export function newPrivateKey({ ec }: Starknet): string {
  return parsePrivateKey(Buffer.from(ec.starkCurve.utils.randomPrivateKey()).toString('hex'))
}

export function publicKeyOf({ ec, num }: Starknet, privateKey: string): string {
  return num.toHex(ec.starkCurve.getStarkKey(privateKey))
}

/** OpenZeppelin's account 1.0.0, which sncast creates as well: declared on Sepolia, and by starknet-devnet. */
export const openZeppelinClass = '0x5b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564'

/** Where the account of a public key is going to be, and how it gets there. */
export function planAccount(
  { hash }: Starknet,
  publicKey: string,
): { address: string; deployment: AccountDeployment } {
  const deployment = { classHash: openZeppelinClass, salt: publicKey, constructorCalldata: [publicKey] }
  const address = hash.calculateContractAddressFromHash(publicKey, openZeppelinClass, [publicKey], 0)
  return { address, deployment }
}
