// Where an HTTP provider is: a URL or a multiaddr, to the base URL that its gateway answers under.

import { type Component, multiaddr } from '@multiformats/multiaddr'
import { WasmateError, describe } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'

const maxLength = 2_000

/**
 * Gives the URL without a slash, a query or a fragment at its end. Throws INPUT_INVALID for what is neither, for
 * credentials in a URL, and for a transport that is not HTTP, which it names.
 */
export function parseProvider(text: string): string {
  if (text.length > maxLength) throw refuse(text, `it has more than ${maxLength} characters`)
  const url = text.startsWith('/') ? urlOf(text) : toUrl(text)
  if (!url) throw refuse(text, 'it is neither a URL nor a multiaddr')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse(text, `${url.protocol.slice(0, -1)} is not spoken here, only http and https`)
  }
  if (url.username !== '' || url.password !== '') throw refuse(text, 'credentials in a URL are not sent')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** What HTTP over TCP looks like, by https://github.com/multiformats/multiaddr/blob/master/protocols.csv */
const httpForm = /^(?:ip4|ip6|dns|dns4|dns6) tcp (?:http|https|tls(?: sni)? http)(?: http-path)?$/
const httpNames = new Set([
  'ip4',
  'ip6',
  'dns',
  'dns4',
  'dns6',
  'tcp',
  'tls',
  'sni',
  'http',
  'https',
  'http-path',
])

function urlOf(text: string): URL {
  const components = componentsOf(text)
  // Who is there does not matter for HTTP: what comes is verified.
  while (components.at(-1)?.name === 'p2p') components.pop()
  const names = components.map(({ name }) => name)
  if (!httpForm.test(names.join(' '))) {
    const foreign = names.filter((name) => !httpNames.has(name)).join(', ')
    const reason = foreign === '' ? 'it does not say http or https over tcp' : `no ${foreign} is spoken here`
    throw refuse(text, `${reason}, only HTTP`)
  }
  const values = new Map(components.map(({ name, value = '' }) => [name, value]))
  const scheme = values.has('https') || values.has('tls') ? 'https' : 'http'
  // The name that the certificate is for is also the one that is connected to.
  const host = values.get('sni') ?? components[0]?.value ?? ''
  const isName = /^[\w.-]+$/.test(host)
  const url = toUrl(`${scheme}://${isName ? host : `[${host}]`}:${values.get('tcp')}`)
  if (!url) throw refuse(text, `${JSON.stringify(printable(host, 100))} is no host`)
  url.pathname = values.get('http-path') ?? ''
  return url
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function componentsOf(text: string): Component[] {
  try {
    return multiaddr(text).getComponents()
  } catch (error) {
    throw refuse(text, `it is not a multiaddr (${describe(error)})`)
  }
}

function refuse(text: string, reason: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `provider ${JSON.stringify(printable(text, 200))}: ${reason}`)
}
