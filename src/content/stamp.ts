// node.json in the node's folder: the format of what lies there, and a key that labels the node.

import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError } from '../base/errors.ts'
import { readState, writeState } from '../base/disk/state-file.ts'

const folderVersion = 1
/** Read before the rest, which a newer version may have in another form. */
const formatSchema = z.object({ format: z.int() })
const stampSchema = z.object({ format: z.int().min(1), publicKey: z.string() })

/** Gives the public key, made at the first time. Throws STATE_NEWER or STATE_DAMAGED, both naming the file. */
export async function openStamp(folder: string): Promise<string> {
  const path = join(folder, 'node.json')
  const known = await readState(path, (value) => {
    const { format } = formatSchema.parse(value)
    return format > folderVersion ? { format, publicKey: '' } : stampSchema.parse(value)
  })
  if (known && known.format > folderVersion) {
    throw new WasmateError('STATE_NEWER', `${path} has format ${known.format}, this knows ${folderVersion}`)
  }
  if (known) return known.publicKey
  const publicKey = makePublicKey()
  await writeState(path, { format: folderVersion, publicKey })
  return publicKey
}

/** The last 32 bytes of an Ed25519 key in SPKI form are the key itself (RFC 8410 section 4). */
function makePublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
}
