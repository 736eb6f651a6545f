// Which pin requests a list shows (section "Pagination and filtering").

import { dagKeyOf, parseCid } from '../../content/dag/codecs.ts'
import type { ListFilter } from './input.ts'
import type { StoredRequest } from './store.ts'

export interface Page {
  /** Of all that match, on this page or not. */
  count: number
  results: StoredRequest[]
}

/** `requests` newest first. */
export function listRequests(requests: StoredRequest[], filter: ListFilter): Page {
  const found = requests.filter((request) => matches(request, filter))
  return { count: found.length, results: found.slice(0, filter.limit) }
}

function matches({ created, status, pin }: StoredRequest, filter: ListFilter): boolean {
  const { dags, name, before, after, meta } = filter
  const at = Date.parse(created)
  return (
    statesOf(filter).includes(status) &&
    (before === undefined || at < before) &&
    (after === undefined || at > after) &&
    (name === undefined || matchesName(pin.name, name, filter.match)) &&
    (dags === undefined || dags.has(dagKeyOf(parseCid(pin.cid)))) &&
    Object.entries(meta ?? {}).every(([key, value]) => ownMember(pin.meta, key) === value)
  )
}

/** "When no filter is provided, only successful pins are returned"; `before` and `limit` are what pages are made of. */
function statesOf({ status, dags, name, after, meta }: ListFilter): readonly string[] {
  const isFiltered = dags !== undefined || name !== undefined || after !== undefined || meta !== undefined
  return status ?? (isFiltered ? ['queued', 'pinning', 'pinned', 'failed'] : ['pinned'])
}

function matchesName(name = '', wanted: string, match: ListFilter['match']): boolean {
  const isExact = match === 'exact' || match === 'iexact'
  const [a, b] = match.startsWith('i') ? [name.toLowerCase(), wanted.toLowerCase()] : [name, wanted]
  return isExact ? a === b : a.includes(b)
}

function ownMember(meta: Record<string, string> | undefined, key: string): string | undefined {
  return meta && Object.hasOwn(meta, key) ? meta[key] : undefined
}
