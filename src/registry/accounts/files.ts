// Account files of others: starkli writes an account and its keystore, sncast many accounts with their keys in the clear.

import { z } from 'zod'
import { WasmateError, describe } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import { type Keystore, parseKeystore } from './keystore.ts'
import { parsePrivateKey } from './key.ts'

export interface FoundAccount {
  address: string
  /** The chain knows it already; absent: the file does not say. */
  deployed?: boolean
  publicKey?: string | undefined
}

const felt = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected 0x and hex digits')

const starkliSchema = z.object({
  version: z.literal(1),
  variant: z.looseObject({ type: z.string(), public_key: felt.optional() }),
  deployment: z.looseObject({ status: z.string(), address: felt.optional() }),
})

/** Throws KEYSTORE_INVALID, also for one that is not deployed: nobody has computed its address. */
export function readStarkliAccount(text: string): FoundAccount {
  const { variant, deployment } = check(starkliSchema, readJson(text))
  if (deployment.status !== 'deployed' || deployment.address === undefined) {
    const detail = 'the account of starkli is not deployed; deploy it there, or create one here'
    throw new WasmateError('KEYSTORE_INVALID', detail)
  }
  return { address: deployment.address, deployed: true, publicKey: variant.public_key }
}

export function readStarkliKeystore(text: string): Keystore {
  return parseKeystore(readJson(text))
}

const sncastSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({
      address: felt.optional(),
      private_key: z.string().optional(),
      public_key: felt.optional(),
      deployed: z.boolean().optional(),
      type: z.string().optional(),
    }),
  ),
)

/** What sncast calls the chains that have a name. */
const sncastNetworks: Record<string, string[]> = {
  SN_SEPOLIA: ['alpha-sepolia', 'sepolia'],
  SN_MAIN: ['alpha-mainnet', 'mainnet'],
}

export interface SncastRequest {
  /** Absent: the only one there is. */
  account?: string | undefined
  /** Text of the chain's id. */
  chainId?: string | undefined
}

/** Throws KEYSTORE_INVALID naming what there is to choose from; nothing of a key is shown. */
export function readSncastAccount(
  text: string,
  { account, chainId }: SncastRequest,
): FoundAccount & { privateKey: string } {
  const networks = check(sncastSchema, readJson(text))
  const known = chainId === undefined ? undefined : sncastNetworks[chainId]
  const fitting = Object.entries(networks).filter(([name]) => known?.includes(name) ?? true)
  const all = fitting.flatMap(([network, accounts]) => {
    return Object.entries(accounts).map(([name, found]) => ({ name, network, found }))
  })
  const chosen = all.filter(({ name }) => account === undefined || name === account)
  const [one] = chosen
  if (!one || chosen.length > 1) {
    const names = all.map(({ name, network }) => `${printable(name, 60)} (${printable(network, 60)})`)
    const detail = `${one ? 'several accounts fit' : 'no such account'}; there are ${names.join(', ') || 'none'}`
    throw new WasmateError('KEYSTORE_INVALID', detail)
  }
  const { address, private_key: privateKey, public_key: publicKey, deployed } = one.found
  if (address === undefined) throw new WasmateError('KEYSTORE_INVALID', `${one.name} has no address`)
  if (privateKey === undefined) {
    const detail = `${one.name} has no key in the file: add its address with --address and sign outside`
    throw new WasmateError('KEYSTORE_INVALID', detail)
  }
  return {
    ...{ address, privateKey: parsePrivateKey(privateKey), publicKey },
    ...(deployed !== undefined && { deployed }),
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    // What JSON.parse says repeats a part of the text, which may be a key.
    throw new WasmateError('KEYSTORE_INVALID', `not JSON${describePosition(error)}`)
  }
}

function describePosition(error: unknown): string {
  const [, position] = /position (\d+)/.exec(describe(error)) ?? []
  return position === undefined ? '' : ` at position ${position}`
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new WasmateError('KEYSTORE_INVALID', `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}
