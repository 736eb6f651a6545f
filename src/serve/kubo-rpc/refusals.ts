// What this node never does, refused in the words that an offline Kubo 0.44.0-dev has for it.

import { WasmateError } from '../../base/errors.ts'
import type { Endpoint, Endpoints } from './endpoint.ts'
import { parsePath } from './request/paths.ts'
import { offlineAction } from './self/swarm.ts'

const offline = "this command must be run in online mode. Try running 'ipfs daemon' first"
const offlineStat = `unable to run offline: ${offline}`
const removedObject = "removed, use 'ipfs dag' or 'ipfs files' instead"
const removedDht = "removed, use 'ipfs routing' instead"
const noPubsub = 'experimental pubsub feature not enabled, run daemon with --enable-pubsub-experiment to use'
const noNamePubsub = 'IPNS pubsub subsystem is not enabled'
const noStreams = 'libp2p stream mounting not enabled'
const noChange = 'the configuration of this node is not changed through the API'

const words: Readonly<Record<string, string>> = {
  'bitswap/stat': offlineStat,
  'bitswap/wantlist': offline,
  'bitswap/ledger': offline,
  'stats/bitswap': offlineStat,
  'stats/bw': offlineStat,
  'stats/dht': offline,
  'routing/findpeer': offline,
  'routing/findprovs': offline,
  'routing/provide': offline,
  'routing/reprovide': offline,
  'routing/get': offlineAction,
  'routing/put': "can't put while offline: this node has no network",
  ping: offline,
  mount: offline,
  'swarm/filters/add': offline,
  'swarm/filters/rm': offline,
  'swarm/peering/add': offline,
  'swarm/peering/rm': offline,
  'bootstrap/add': noChange,
  'bootstrap/rm': noChange,
  'name/resolve': 'could not resolve name',
  'dht/findpeer': removedDht,
  'dht/findprovs': removedDht,
  'dht/get': removedDht,
  'dht/provide': removedDht,
  'dht/put': removedDht,
  'dht/query': 'routing service is not a DHT',
  'object/data': removedObject,
  'object/diff': removedObject,
  'object/get': removedObject,
  'object/links': removedObject,
  'object/new': removedObject,
  'object/patch/add-link': removedObject,
  'object/patch/append-data': removedObject,
  'object/patch/rm-link': removedObject,
  'object/patch/set-data': removedObject,
  'object/put': removedObject,
  'object/stat': removedObject,
  'pubsub/ls': noPubsub,
  'pubsub/peers': noPubsub,
  'pubsub/pub': noPubsub,
  'pubsub/reset': noPubsub,
  'pubsub/sub': noPubsub,
  'name/pubsub/cancel': noNamePubsub,
  'name/pubsub/subs': noNamePubsub,
  'p2p/close': noStreams,
  'p2p/forward': noStreams,
  'p2p/listen': noStreams,
  'p2p/ls': noStreams,
  'p2p/stream/close': noStreams,
  'p2p/stream/ls': noStreams,
  shutdown: 'this node ends with the emulator it is part of: run `wasmate down`',
}

export const refusedEndpoints: Endpoints = {
  ...Object.fromEntries(Object.entries(words).map(([path, reason]) => [path, refuse(reason)])),
  'name/publish': async ({ query }) => {
    parsePath(query.text('arg') ?? '')
    throw new WasmateError('INPUT_INVALID', "can't publish while offline: this node has no network")
  },
}

function refuse(reason: string): Endpoint {
  return async () => {
    throw new WasmateError('INPUT_INVALID', reason)
  }
}
