// CIDs and blocks: text to CID, bytes against their hash, a block to the blocks it links to.

import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import * as dagPb from '@ipld/dag-pb'
import { base16 } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import * as json from 'multiformats/codecs/json'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { WasmateError, describe } from '../../base/errors.ts'

export interface Block {
  cid: CID
  bytes: Uint8Array
}

/** Where blocks are read from. `get` throws CONTENT_NOT_FOUND when a block is not there. */
export interface BlockReader {
  get(cid: CID): Promise<Uint8Array>
}

export interface Codec {
  name: string
  code: number
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

const codecs: Codec[] = [dagPb, raw, dagCbor, dagJson, json]
const codecAliases: Record<string, string> = { protobuf: 'dag-pb', cbor: 'dag-cbor' }

const hashes = [
  { code: 0x12, name: 'sha2-256', algorithm: 'sha256' },
  { code: 0x13, name: 'sha2-512', algorithm: 'sha512' },
]
const identityCode = 0x00

/** Largest block that is taken in: twice what bitswap carries, so that every honest block passes. */
export const maxBlockBytes = 4 * 1024 * 1024

const anyBase = base32.decoder
  .or(base58btc.decoder)
  .or(base36.decoder)
  .or(base32upper.decoder)
  .or(base16.decoder)
  .or(base64url.decoder)

/** Throws CID_INVALID. */
export function parseCid(text: string): CID {
  try {
    return CID.parse(text, anyBase)
  } catch (error) {
    throw new WasmateError('CID_INVALID', JSON.stringify(text.slice(0, 120)), { cause: error })
  }
}

/** An identity CID holds its bytes itself: it is never stored and never travels as a block. */
export function isIdentity(cid: CID): boolean {
  return cid.multihash.code === identityCode
}

/** The same bytes under another version or codec are the same stored block: keys are multihashes. */
export function keyOf(cid: CID): string {
  return base32.encode(cid.multihash.bytes)
}

/** The codec counts where links matter: the same bytes have none as raw and may have some as dag-pb. */
export function dagKeyOf(cid: CID): string {
  return `${cid.code} ${keyOf(cid)}`
}

/** Throws CODEC_UNSUPPORTED. */
export function codecOf(codeOrName: number | string): Codec {
  const name = typeof codeOrName === 'string' ? (codecAliases[codeOrName] ?? codeOrName) : undefined
  const codec = codecs.find((known) => known.code === codeOrName || known.name === name)
  if (codec) return codec
  const shown = typeof codeOrName === 'string' ? codeOrName : `0x${codeOrName.toString(16)}`
  throw new WasmateError('CODEC_UNSUPPORTED', `codec ${shown}`)
}

/** `raw`, or the number of one that is not known: `0x71`. */
export function codecName(code: number): string {
  return codecs.find((known) => known.code === code)?.name ?? `0x${code.toString(16)}`
}

/** Names a new block by its content; throws CODEC_UNSUPPORTED for another hash. */
export function makeBlock(
  bytes: Uint8Array,
  codec: Codec,
  version: 0 | 1 = 1,
  hashName: string = 'sha2-256',
): Block {
  const hash = hashes.find((known) => known.name === hashName)
  if (!hash) throw new WasmateError('CODEC_UNSUPPORTED', `hash ${hashName}`)
  const digest = createDigest(hash.code, createHash(hash.algorithm).update(bytes).digest())
  return { cid: CID.create(version, codec.code, digest), bytes }
}

/** Whether the bytes are what the CID names; throws CODEC_UNSUPPORTED when the hash is not known. */
export function matches({ cid, bytes }: Block): boolean {
  const { code, digest } = cid.multihash
  if (code === identityCode) return Buffer.compare(bytes, digest) === 0
  const hash = hashes.find((known) => known.code === code)
  if (!hash)
    throw new WasmateError('CODEC_UNSUPPORTED', `hash 0x${code.toString(16)} of block ${cid.toString()}`)
  return createHash(hash.algorithm).update(bytes).digest().equals(digest)
}

/** Throws BLOCK_MISMATCH naming the block, or CODEC_UNSUPPORTED. */
export function verifyBlock(block: Block): void {
  if (!matches(block)) {
    throw new WasmateError(
      'BLOCK_MISMATCH',
      `block ${block.cid.toString()} (${block.bytes.length} bytes received)`,
    )
  }
}

/** Whether blocks of this codec can have links at all: most of a file is leaves, which needn't be read to walk it. */
export function mayLink(cid: CID): boolean {
  return cid.code !== raw.code && cid.code !== json.code
}

/** Links in the order of the block; throws CODEC_UNSUPPORTED when its codec can't be read. */
export function linksOf({ cid, bytes }: Block): CID[] {
  const codec = codecOf(cid.code)
  if (!mayLink(cid)) return []
  const value = decodeBlock({ cid, bytes }, codec)
  const links: CID[] = []
  collectLinks(value, links)
  return links
}

/** Decodes dag-pb; throws CODEC_UNSUPPORTED for a block of another codec or a malformed one. */
export function decodeNode(block: Block): dagPb.PBNode {
  if (block.cid.code !== dagPb.code)
    throw new WasmateError('CODEC_UNSUPPORTED', `${block.cid.toString()} is not dag-pb`)
  return decodeBlock(block, dagPb) as dagPb.PBNode
}

export function decodeBlock({ cid, bytes }: Block, codec: Codec): unknown {
  try {
    return codec.decode(bytes)
  } catch (error) {
    const detail = `block ${cid.toString()} is not valid ${codec.name} (${describe(error)})`
    throw new WasmateError('CODEC_UNSUPPORTED', detail, { cause: error })
  }
}

function collectLinks(value: unknown, links: CID[]): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  const link = CID.asCID(value)
  if (link) links.push(link)
  else for (const part of Object.values(value)) collectLinks(part, links)
}
