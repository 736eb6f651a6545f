// Who may not make a browser ask: pages from elsewhere, and scripts that would take over the gateway.

import type { FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import { refuseForeign } from '../http.ts'

/**
 * A page from elsewhere that shows an image or a frame from here would learn whether it is here. Such requests
 * have no Origin, but browsers say where they come from (https://www.w3.org/TR/fetch-metadata/). Following a link
 * is free, and so are pages of this machine, also those of the gateway, whose own origin is opaque.
 */
export function refuseEmbedding({ headers }: FastifyRequest): void {
  if (headers['sec-fetch-site'] !== 'cross-site' || headers.origin !== undefined) return
  if (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document') return
  const { referer = '', host } = headers
  const origin = URL.canParse(referer) ? new URL(referer).origin : 'null'
  refuseForeign({ headers: { host, origin } }, true)
}

/**
 * Path gateway, section "Service-Worker (request header)": a worker under one CID must not serve the others. Pages
 * from here can't register any, since their origin is opaque.
 */
export function refuseServiceWorker({ headers }: FastifyRequest): void {
  if (headers['service-worker'] === 'script')
    throw new WasmateError('INPUT_INVALID', 'service workers are not served')
}
