// swarm/*: there is no network, so there is nobody: lists are empty, and nobody can be called.

import { multiaddr } from '@multiformats/multiaddr'
import { WasmateError, describe } from '../../../base/errors.ts'
import type { Endpoints } from '../endpoint.ts'

export const offlineAction = "this action must be run in online mode, try running 'ipfs daemon' first"

export const swarmEndpoints: Endpoints = {
  'swarm/peers': async () => ({ json: { Peers: [] } }),
  'swarm/addrs': async () => ({ json: { Addrs: {} } }),
  'swarm/addrs/local': async () => ({ json: { Strings: [] } }),
  'swarm/addrs/listen': async () => ({ json: { Strings: [] } }),
  'swarm/filters': async () => ({ json: { Strings: [] } }),
  'swarm/peering/ls': async () => ({ json: { Peers: [] } }),
  'name/pubsub/state': async () => ({ json: { Enabled: false } }),
  'swarm/connect': async ({ query }) => {
    const peers = query.all('arg').map(peerOf)
    throw new WasmateError('INPUT_INVALID', `connect ${peers[0] ?? ''} failure: ${offlineAction}`)
  },
  'swarm/disconnect': async ({ query }) => {
    const peers = query.all('arg').map(peerOf)
    return { json: { Strings: peers.map((peer) => `disconnect ${peer} failure: ${offlineAction}`) } }
  },
}

/** The peer that an address names; throws INPUT_INVALID. */
function peerOf(text: string): string {
  const peer = parseAddress(text)
    .getComponents()
    .findLast(({ name }) => name === 'p2p')?.value
  if (peer) return peer
  throw new WasmateError('INPUT_INVALID', `invalid peer address: ${JSON.stringify(text)} names no peer`)
}

function parseAddress(text: string): ReturnType<typeof multiaddr> {
  if (!text.startsWith('/')) {
    throw new WasmateError(
      'INPUT_INVALID',
      `failed to parse multiaddr ${JSON.stringify(text)}: must begin with /`,
    )
  }
  try {
    return multiaddr(text)
  } catch (error) {
    const words = `failed to parse multiaddr ${JSON.stringify(text)}: ${describe(error)}`
    throw new WasmateError('INPUT_INVALID', words, { cause: error })
  }
}
