// The peer ID of this node, and those of others as text.

import { base58btc } from 'multiformats/bases/base58'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { WasmateError } from '../../../base/errors.ts'
import { parseCid } from '../../../content/dag/codecs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { showPeer } from '../request/show.ts'

/** https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys: type Ed25519 (1), then 32 bytes. */
export function publicKeyMessage(node: ContentNode): Uint8Array {
  return Uint8Array.from([0x08, 0x01, 0x12, 0x20, ...Buffer.from(node.publicKey, 'base64')])
}

export function ownPeerId(node: ContentNode, base = 'b58mh'): string {
  return showPeer(publicKeyMessage(node), base)
}

/** Whether the text, in whatever base, is the ID of this node; throws INPUT_INVALID for what is no peer ID. */
export function isOwnPeer(node: ContentNode, text: string): boolean {
  const own = base58btc.decode(`z${ownPeerId(node)}`)
  return Buffer.from(peerBytes(text)).equals(own)
}

function peerBytes(text: string): Uint8Array {
  try {
    // The older notation is a bare multihash in base58btc: 1... or Qm...
    if (/^(1|Qm)/.test(text)) return decodeDigest(base58btc.decode(`z${text}`)).bytes
    return parseCid(text).multihash.bytes
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', 'invalid peer id', { cause: error })
  }
}
