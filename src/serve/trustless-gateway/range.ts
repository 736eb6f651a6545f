// The Range header (RFC 9110 section 14.2), of bytes; of several ranges the first that can be met.

import type { ByteRange } from '../../content/dag/unixfs.ts'

interface Conditions {
  range?: string | undefined
  'if-range'?: string | undefined
}

/** `undefined` for the whole: no range, one that may be ignored because it is malformed, or of an older version. */
export function readRange(
  { range, 'if-range': ifRange }: Conditions,
  size: number,
  etag?: string,
): ByteRange | 'outside' | undefined {
  // RFC 9110 section 13.1.5: strong comparison; there is no date that could match.
  if (ifRange !== undefined && (ifRange !== etag || ifRange.startsWith('W/'))) return undefined
  const list = /^bytes=(.*)$/i.exec(range ?? '')?.[1]?.split(',') ?? []
  const parts = list.map((text) => readPart(text.trim(), size))
  if (parts.length === 0 || parts.includes(undefined)) return undefined
  return parts.find((part) => part !== 'outside') ?? 'outside'
}

/** RFC 9110 section 14.1.2. */
function readPart(text: string, size: number): ByteRange | 'outside' | undefined {
  const [, first = '', last = ''] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'outside' : { from: size - length, to: size - 1 }
  }
  const from = Number(first)
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < from) return undefined
  return from >= size ? 'outside' : { from, to }
}
