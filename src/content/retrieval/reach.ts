// Which hosts may be contacted: this machine, and what is neither it nor anything private around it.

import { lookup as lookupName } from 'node:dns'
import { BlockList, type LookupFunction, isIP } from 'node:net'

/** Addresses that lead to this machine, to a private network or to nowhere in particular (RFC 6890, RFC 4291). */
const inner = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  inner.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  // Translated and tunnelled IPv4 could hide any of the above.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const) {
  inner.addSubnet(network, bits, 'ipv6')
}

/** Whether the URL names this machine: `localhost`, 127.0.0.0/8 or ::1. Other names are not looked up. */
export function isLoopbackUrl(url: string): boolean {
  const host = hostOf(url)
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || isLoopbackAddress(host)
}

/** False for a host that is written as an address of this machine or a private network. */
export function mayBePublic(url: string): boolean {
  const host = hostOf(url)
  if (host === 'localhost' || host.endsWith('.localhost')) return false
  return isIP(host) === 0 || isPublicAddress(host)
}

export function isPublicAddress(address: string): boolean {
  return !inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Looks names up, and refuses those that lead to an address that is not public. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const refused = addresses.find(({ address }) => !isPublicAddress(address))
    const [first] = addresses
    if (refused || !first) {
      const where = refused?.address ?? 'nowhere'
      return callback(new Error(`${hostname} leads to ${where}, which is not public`), '')
    }
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

function isLoopbackAddress(host: string): boolean {
  return isIP(host) === 4 && host.startsWith('127.')
}

/** WHATWG URL writes every form of an IPv4 address the same way. */
function hostOf(url: string): string {
  return new URL(url).hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
}
