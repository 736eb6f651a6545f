// config, config/show: what is true of this node, under the names that Kubo has for it. It is read, not written.

import { WasmateError } from '../../../base/errors.ts'
import { memberOf } from '../../../content/dag/walk.ts'
import type { ContentNode } from '../../../content/node.ts'
import type { Answer, Call, Endpoints } from '../endpoint.ts'
import { ownPeerId } from './peer.ts'

/** Multiaddrs of what listens. */
export interface OwnAddresses {
  API: string
  Gateway: string
}

export const configEndpoints = (own: () => OwnAddresses): Endpoints => ({
  config: async (call) => readConfig(call, own()),
  'config/show': async ({ node }) => ({ json: describeConfig(node, own()) }),
  'config/replace': async () => refuseChange(),
  'config/profile/apply': async ({ query }) => {
    const name = query.text('arg') ?? ''
    if (!profiles.has(name)) throw new WasmateError('INPUT_INVALID', `${name} is not a profile`)
    return refuseChange()
  },
  bootstrap: async () => ({ json: { Peers: [] } }),
  'bootstrap/list': async () => ({ json: { Peers: [] } }),
  'bootstrap/rm/all': async () => ({ json: { Peers: [] } }),
})

const profiles = new Set([
  'announce-off',
  'announce-on',
  'autoconf-off',
  'autoconf-on',
  'badgerds',
  'badgerds-measure',
  'default-datastore',
  'default-networking',
  'flatfs',
  'flatfs-measure',
  'legacy-cid-v0',
  'local-discovery',
  'lowpower',
  'pebbleds',
  'pebbleds-measure',
  'randomports',
  'server',
  'test',
  'unixfs-v0-2015',
  'unixfs-v1-2025',
])

function describeConfig(node: ContentNode, own: OwnAddresses): Record<string, unknown> {
  return {
    Identity: { PeerID: ownPeerId(node) },
    Addresses: { ...own, Swarm: [], Announce: [], AppendAnnounce: [], NoAnnounce: [] },
    Bootstrap: [],
    Datastore: { HashOnRead: true, Spec: { type: 'blockstore-fs', path: 'blocks', sync: true } },
    Discovery: { MDNS: { Enabled: false } },
    Experimental: { FilestoreEnabled: false, UrlstoreEnabled: false, Libp2pStreamMounting: false },
    Gateway: { NoFetch: true },
    // What `ipfs add` gets when it names no option; the import profile of a function is a setting of its own.
    Import: { CidVersion: 0, UnixFSRawLeaves: false, UnixFSChunker: 'size-262144', HashFunction: 'sha2-256' },
    Provide: { Enabled: false },
    Pubsub: { Enabled: false },
    Routing: { Type: 'none' },
  }
}

function readConfig({ node, query }: Call, own: OwnAddresses): Answer {
  const [key = '', value] = query.all('arg')
  if (value !== undefined) return refuseChange()
  if (/^identity(\.privkey)?$/i.test(key)) {
    throw new WasmateError('INPUT_INVALID', 'cannot show or change private key through API')
  }
  let found: unknown = describeConfig(node, own)
  let place = ''
  for (const name of key.split('.')) {
    found = memberOf(found, name)
    place = place === '' ? name : `${place}.${name}`
    if (found === undefined) {
      throw new WasmateError('INPUT_INVALID', `failed to get config value: "${place} not found"`)
    }
  }
  return { json: { Key: key, Value: found } }
}

function refuseChange(): never {
  throw new WasmateError('INPUT_INVALID', 'the configuration of this node is not changed through the API')
}
