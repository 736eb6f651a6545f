// version, id, swarm/peers: what the node says about itself. It has no network, and says so.

import { base58btc } from 'multiformats/bases/base58'
import { WasmateError } from '../../base/errors.ts'
import type { ContentNode } from '../../content/node.ts'
import type { Endpoints } from './endpoint.ts'

export function infoEndpoints(version: string): Endpoints {
  return {
    version: async () => ({
      json: {
        Version: version,
        Commit: 'wasmate',
        Repo: '1',
        System: `${process.arch}/${process.platform}`,
        Golang: '',
      },
    }),
    id: async ({ node, query }) => {
      const [other] = query.all('arg')
      const ID = peerId(node)
      if (other !== undefined && other !== ID) {
        throw new WasmateError('CONTENT_NOT_FOUND', `peer ${other}: this node has no network`)
      }
      return { json: { ID, ...describeNode(node, version) } }
    },
    'swarm/peers': async () => ({ json: { Peers: [] } }),
  }
}

function describeNode(node: ContentNode, version: string): Record<string, unknown> {
  return {
    PublicKey: Buffer.from(publicKeyMessage(node)).toString('base64'),
    Addresses: [],
    AgentVersion: `wasmate/${version}`,
    Protocols: [],
  }
}

/** https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys: type Ed25519 (1), then 32 bytes. */
function publicKeyMessage(node: ContentNode): Uint8Array {
  return Uint8Array.from([0x08, 0x01, 0x12, 0x20, ...Buffer.from(node.publicKey, 'base64')])
}

/** A short key is not hashed: its peer ID is its identity multihash, in base58btc without the prefix. */
function peerId(node: ContentNode): string {
  const message = publicKeyMessage(node)
  return base58btc.encode(Uint8Array.from([0x00, message.length, ...message])).slice(1)
}
