// What keeps a page that anybody may have made from acting as a part of this machine.

import type { Headers } from '../headers.ts'

/**
 * All content has one origin here, and it is on the loopback address. `sandbox` makes that origin opaque: such a page
 * has no cookies of other local servers, no storage, and its requests carry `Origin: null`, which every server here
 * refuses. `default-src` leaves it nobody to talk to but this gateway. (https://www.w3.org/TR/CSP3/#directive-sandbox)
 */
export const guardHeaders: Headers = {
  'Content-Security-Policy': [
    'sandbox allow-scripts allow-downloads',
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'same-origin',
}

/** For pages that are made here, which have no script, and names in them that were not. */
export const ownPageHeaders: Headers = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Content-Type': 'text/html; charset=utf-8',
  'Referrer-Policy': 'same-origin',
}
