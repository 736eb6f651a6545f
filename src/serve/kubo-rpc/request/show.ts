// CIDs and peer IDs as text, in the base that a client asks for.

import { base58btc } from 'multiformats/bases/base58'
import type { MultibaseCodec } from 'multiformats/bases/interface'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { WasmateError } from '../../../base/errors.ts'
import type { Query } from '../endpoint.ts'

/** Codec of a public key; a peer ID is its CID (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md). */
const keyCodec = 0x72

/**
 * With `cid-base` in that base; a CIDv0, which has but one (base58btc), then becomes CIDv1 unless
 * `upgrade-cidv0-in-output` is false. Throws INPUT_INVALID for a base that is not known.
 */
export function createShow(query: Query): (cid: CID) => string {
  const name = query.text('cid-base') ?? ''
  const base = name === '' ? undefined : baseOf(name)
  const isUpgraded = query.flag('upgrade-cidv0-in-output', base !== undefined && base.name !== 'base58btc')
  return (cid) => {
    const shown = isUpgraded ? cid.toV1() : cid
    return base && shown.version === 1 ? shown.toString(base.encoder) : shown.toString()
  }
}

/** A peer ID from the protobuf form of its key; `b58mh` is the older notation without a prefix. */
export function showPeer(publicKey: Uint8Array, base: string): string {
  // A short key is not hashed: the identity multihash holds it.
  const digest = createDigest(0x00, publicKey)
  if (base === 'b58mh') return base58btc.encode(digest.bytes).slice(1)
  return CID.createV1(keyCodec, digest).toString(baseOf(base).encoder)
}

function baseOf(name: string): MultibaseCodec<string> {
  const base = Object.values<MultibaseCodec<string>>(bases).find((known) => known.name === name)
  if (base) return base
  throw new WasmateError('INPUT_INVALID', `unsupported multibase encoding: ${name}`)
}
