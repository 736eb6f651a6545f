// How a CAR is wanted: the parameters of its media type and those of the URL.
// Section names are those of https://specs.ipfs.tech/http-gateways/trustless-gateway/

import { WasmateError } from '../../base/errors.ts'
import type { EntityBytes, Selection } from '../../content/dag/select.ts'
import { parseEntityBytes } from '../content-url.ts'

export interface CarFormat extends Selection {
  format: 'car'
  order: 'dfs' | 'unk'
}

export type Params = Readonly<Record<string, string | undefined>>

/** Section "CAR format signaling in Request": a preference that can't be met leaves the next one. */
export function isServedCar({ version = '1', order = 'dfs', dups = 'n' }: Params): boolean {
  return version === '1' && ['dfs', 'unk'].includes(order) && ['y', 'n'].includes(dups)
}

/** Sections "car-version", "car-order" and "car-dups": the URL takes precedence over Accept. Throws INPUT_INVALID. */
export function readCarFormat(query: Params, accepted: Params): CarFormat {
  const version = query['car-version'] ?? accepted['version'] ?? '1'
  const order = query['car-order'] ?? accepted['order'] ?? 'dfs'
  // Section "CAR dups": without a wish it is n, when the gateway can choose.
  const dups = query['car-dups'] ?? accepted['dups'] ?? 'n'
  if (version !== '1') throw invalid('car-version', version)
  if (order !== 'dfs' && order !== 'unk') throw invalid('car-order', order)
  if (dups !== 'y' && dups !== 'n') throw invalid('car-dups', dups)
  const entityBytes = readEntityBytes(query['entity-bytes'])
  // Section "entity-bytes": it implies dag-scope=entity.
  const scope = query['dag-scope'] ?? (entityBytes ? 'entity' : 'all')
  if (scope !== 'block' && scope !== 'entity' && scope !== 'all') throw invalid('dag-scope', scope)
  return { format: 'car', order, dups, scope, entityBytes }
}

/** Whether the URL says something else than the parameters of Accept. */
export function overrulesAccept(query: Params, accepted: Params): boolean {
  return ['version', 'order', 'dups'].some((name) => {
    const given = query[`car-${name}`]
    return given !== undefined && accepted[name] !== undefined && accepted[name] !== given
  })
}

function readEntityBytes(text: string | undefined): EntityBytes | undefined {
  if (text === undefined) return undefined
  const range = parseEntityBytes(text)
  if (!range) throw invalid('entity-bytes', text)
  return range
}

function invalid(name: string, value: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `${name}=${value}`)
}
