// The providers that a request names, to the URLs of their gateways.

import { WasmateError } from '../../base/errors.ts'
import { parseProvider } from '../../content/retrieval/providers.ts'
import { isLoopbackUrl } from '../../content/retrieval/reach.ts'

/** They are raced. */
const maxProviders = 32

/**
 * Nothing for a request that names none. Throws INPUT_INVALID naming one that is none, that speaks something else
 * than HTTP, or that is not on this machine when `allowRemote` is not set.
 */
export function chooseProviders(
  given: string[] | undefined,
  allowRemote: boolean,
): { gateways?: string[]; routers?: string[] } {
  if (!given) return {}
  const named = [...new Set(given)]
  if (named.length > maxProviders)
    throw refuse(`there are ${named.length}, at most ${maxProviders} are asked`)
  const gateways = named.map(parseNamed)
  const remote = allowRemote ? undefined : gateways.find((gateway) => !isLoopbackUrl(gateway))
  if (remote !== undefined) {
    throw refuse(`${remote} is not on this machine, and wasmate.content.remoteProviders is not set`)
  }
  return { gateways: [...new Set(gateways)], routers: [] }
}

/** The daemon takes `+bitswap`, `+graphsync` and `+http` after a multiaddr for what is spoken there. */
function parseNamed(text: string): string {
  const [suffix = ''] = (text.startsWith('/') && /(\+(bitswap|graphsync|http))+$/.exec(text)) || []
  const protocols = suffix.split('+').slice(1)
  if (protocols.length > 0 && !protocols.includes('http'))
    throw refuse(`${text}: only http is spoken here, not ${protocols.join(' or ')}`)
  try {
    return parseProvider(text.slice(0, text.length - suffix.length))
  } catch (error) {
    throw error instanceof WasmateError && error.detail !== undefined ? refuse(error.detail, error) : error
  }
}

function refuse(reason: string, cause?: unknown): WasmateError {
  return new WasmateError('INPUT_INVALID', `invalid providers parameter; ${reason}`, { cause })
}
