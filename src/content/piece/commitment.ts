// Bytes -> the piece commitment that Filecoin names them by: piece CID v2 (FRC-0069), v1, and the sizes.

import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { Digest, create as createHasher } from '@web3-storage/data-segment/multihash'

/** Multicodec table: fil-commitment-unsealed with sha2-256-trunc254-padded, which piece CID v1 is made of. */
const commitmentCodec = 0xf101
const truncatedHash = 0x1012

export interface Piece {
  /** v2: root, height and padding together, bafkzcib... */
  cid: string
  /** v1: the root alone, baga6ea4sea...; deals on the chain and older tools name a piece by it and `paddedBytes`. */
  cidV1: string
  /** Of the data, such as a CAR. */
  rawBytes: number
  /** Of the piece on the chain: a power of two, at least 128. */
  paddedBytes: number
}

/** Takes data of any length, none as well: FRC-0069 pads whatever is shorter than 127 bytes to 127. */
export class PieceHasher {
  readonly #hasher = createHasher()
  #bytes = 0

  write(chunk: Uint8Array): void {
    this.#hasher.write(chunk)
    this.#bytes += chunk.length
  }

  end(): Piece {
    const digest = this.#hasher.digest()
    // The library's digest has no CID of our generation of multiformats.
    const multihash = createDigest(digest.code, Uint8Array.from(digest.digest))
    const root = createDigest(truncatedHash, Uint8Array.from(Digest.root(digest)))
    return {
      cid: CID.createV1(raw.code, multihash).toString(),
      cidV1: CID.createV1(commitmentCodec, root).toString(),
      rawBytes: this.#bytes,
      paddedBytes: 32 * 2 ** Digest.height(digest),
    }
  }
}
