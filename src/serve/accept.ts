// The Accept header (RFC 9110 section 12.5.1).

export interface MediaRange {
  type: string
  /** Without q, names in lower case. */
  params: Readonly<Record<string, string | undefined>>
  /** Over 0, at most 1. */
  weight: number
}

/** In order of preference; what is refused by q=0 is left out. */
export function parseAccept(header: string): MediaRange[] {
  return header
    .split(',')
    .map(parseRange)
    .filter(({ type, weight }) => type !== '' && weight > 0)
    .sort((one, other) => other.weight - one.weight)
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const pairs = rest.map((pair) => {
    const [name = '', value = ''] = pair.split('=')
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')] as const
  })
  const { q = '1', ...params } = Object.fromEntries(pairs)
  return { type: type.toLowerCase(), params, weight: Number(q) }
}
