// A private key under a password, in the Web3 Secret Storage format, version 3, that starkli and others write:
// https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/

import {
  createCipheriv,
  createDecipheriv,
  pbkdf2,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { z } from 'zod'
import { WasmateError } from '../../base/errors.ts'
import { parsePrivateKey } from './key.ts'

const deriveByPbkdf2 = promisify(pbkdf2)

const hex = z
  .string()
  .regex(/^(0x)?([0-9a-fA-F]{2}){1,256}$/)
  .transform((text) => Buffer.from(text.replace(/^0x/, ''), 'hex'))
const power = z
  .int()
  .min(2)
  .max(2 ** 20)
const keyLength = z.int().min(32).max(64)

const kdfSchema = z.discriminatedUnion('kdf', [
  z.object({
    kdf: z.literal('scrypt'),
    kdfparams: z.object({
      ...{ dklen: keyLength, n: power, r: z.int().min(1).max(64), p: z.int().min(1).max(64), salt: hex },
    }),
  }),
  z.object({
    kdf: z.literal('pbkdf2'),
    kdfparams: z.object({
      ...{ dklen: keyLength, c: z.int().min(1).max(10_000_000), prf: z.literal('hmac-sha256'), salt: hex },
    }),
  }),
])

const schema = z.object({
  version: z.literal(3),
  crypto: z
    .object({
      cipher: z.literal('aes-128-ctr'),
      cipherparams: z.object({ iv: hex.refine(({ length }) => length === 16) }),
      ciphertext: hex,
      mac: hex.refine(({ length }) => length === 32),
    })
    .and(kdfSchema),
})

/** As it stands in a file: nothing of the key can be read from it. */
export interface Keystore {
  version: 3
  id?: string
  crypto: Record<string, unknown>
}

/** Throws KEYSTORE_INVALID. */
export function parseKeystore(value: unknown): Keystore {
  const parsed = schema.safeParse(value)
  if (parsed.success) return value as Keystore
  const [issue] = parsed.error.issues
  throw new WasmateError('KEYSTORE_INVALID', `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}

/** Takes a second and 128 MiB, which is the point: so does every guess of the password. */
const scryptCost = { n: 2 ** 17, r: 8, p: 1 }

export async function encryptKey(privateKey: string, password: string): Promise<Keystore> {
  if (password === '') throw new WasmateError('KEYSTORE_PASSWORD', 'it is empty')
  const [salt, iv] = [randomBytes(32), randomBytes(16)]
  const kdfparams = { dklen: 32, ...scryptCost, salt }
  const derived = await derive({ kdf: 'scrypt', kdfparams }, password)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const key = Buffer.from(privateKey.slice(2).padStart(64, '0'), 'hex')
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()])
  return {
    version: 3,
    id: randomUUID(),
    crypto: {
      ...{ cipher: 'aes-128-ctr', cipherparams: { iv: iv.toString('hex') } },
      ...{ ciphertext: ciphertext.toString('hex'), kdf: 'scrypt' },
      kdfparams: { ...kdfparams, salt: salt.toString('hex') },
      mac: macOf(derived, ciphertext).toString('hex'),
    },
  }
}

/** Throws KEYSTORE_PASSWORD when it is not the password, KEY_INVALID when something else than a key is in it. */
export async function decryptKey(keystore: Keystore, password: string): Promise<string> {
  const { crypto } = schema.parse(keystore)
  const derived = await derive(crypto, password)
  if (!timingSafeEqual(macOf(derived, crypto.ciphertext), crypto.mac)) {
    throw new WasmateError('KEYSTORE_PASSWORD', 'it does not open the keystore')
  }
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), crypto.cipherparams.iv)
  const key = Buffer.concat([decipher.update(crypto.ciphertext), decipher.final()])
  return parsePrivateKey(key.toString('hex'))
}

async function derive({ kdf, kdfparams }: z.output<typeof kdfSchema>, password: string): Promise<Buffer> {
  const { dklen, salt } = kdfparams
  if (kdf === 'pbkdf2') return deriveByPbkdf2(password, salt, kdfparams.c, dklen, 'sha256')
  const { n, r, p } = kdfparams
  const maxmem = 128 * r * (n + p) + 32 * 1024 * 1024
  if (maxmem > 2 ** 30)
    throw new WasmateError('KEYSTORE_INVALID', 'its scrypt takes more than 1 GiB of memory')
  return new Promise((resolve, reject) => {
    scrypt(password, salt, dklen, { N: n, r, p, maxmem }, (error, key) => {
      if (error) reject(new WasmateError('KEYSTORE_INVALID', error.message))
      else resolve(key)
    })
  })
}

function macOf(derived: Buffer, ciphertext: Buffer): Buffer {
  return Buffer.from(keccak_256(Buffer.concat([derived.subarray(16, 32), ciphertext])))
}
