// What a node of ours is called in the `origins` of a pin request, and whether anybody but this machine can use that.

/** `http://127.0.0.1:7073` -> `/ip4/127.0.0.1/tcp/7073/http`, and the path after it where there is one. */
export function toOrigin(gatewayUrl: string): string {
  const { protocol, hostname, port, pathname } = new URL(gatewayUrl)
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = /^\d+(\.\d+){3}$/.test(host) ? 'ip4' : host.includes(':') ? 'ip6' : 'dns'
  const isTls = protocol === 'https:'
  const path = pathname.replace(/^\/|\/+$/g, '')
  return [
    `/${family}/${host}/tcp/${port || (isTls ? '443' : '80')}`,
    isTls ? '/tls/http' : '/http',
    // https://github.com/multiformats/multiaddr: the value is percent-encoded.
    path && `/http-path/${encodeURIComponent(path)}`,
  ].join('')
}

/** Multiaddrs that begin at 127.0.0.0/8, ::1 or localhost. */
export function isLoopbackOrigin(origin: string): boolean {
  return /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/([^/]+\.)?localhost\/)/.test(origin)
}
