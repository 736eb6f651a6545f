// Which of the response formats is sent: by ?format, by Accept, or by what the gateway is there for.

import { WasmateError } from '../../base/errors.ts'
import { type MediaRange, parseAccept } from '../accept.ts'
import { type Params, isServedCar } from './car-format.ts'

/** Blocks and CARs that the client verifies, then those that it has to believe. */
const verifiable = ['raw', 'car'] as const
const deserializedFormats = ['tar', 'json', 'cbor', 'dag-json', 'dag-cbor'] as const

export type FormatName = (typeof verifiable)[number] | (typeof deserializedFormats)[number]

/** Path gateway, section "format (request query parameter)". */
export const mediaTypes: Readonly<Record<FormatName, string>> = {
  raw: 'application/vnd.ipld.raw',
  car: 'application/vnd.ipld.car',
  tar: 'application/x-tar',
  json: 'application/json',
  cbor: 'application/cbor',
  'dag-json': 'application/vnd.ipld.dag-json',
  'dag-cbor': 'application/vnd.ipld.dag-cbor',
}

export interface Choice {
  /** `web`: what a browser shows, by the codec of the content and the name of the file. */
  name: FormatName | 'web'
  /** Of the media range in Accept that was met. */
  params: Params
}

const setting = 'wasmate.content.deserialized'

/** Throws FORMAT_UNSUPPORTED (406) or INPUT_INVALID (400). */
export function chooseFormat(
  format: string | undefined,
  accept: string | undefined,
  deserialized: boolean,
): Choice {
  const served: readonly FormatName[] = deserialized ? [...verifiable, ...deserializedFormats] : verifiable
  if (format !== undefined) return chooseByUrl(format, accept, served)
  if (accept === undefined && deserialized) return { name: 'web', params: {} }
  // Trustless gateway, section "Accept (request header)": strict trustless mode answers 400 when it is missing.
  if (accept === undefined) {
    const detail = 'neither Accept nor ?format=raw|car says what to send'
    throw new WasmateError('INPUT_INVALID', `${detail}; plain files need ${setting}, which is off`)
  }
  const choice = deserialized ? chooseAny(accept, served) : chooseExplicit(accept, served)
  if (choice) return choice
  const hint = deserialized ? '' : `; other answers than blocks and CARs need ${setting}, which is off`
  throw new WasmateError('FORMAT_UNSUPPORTED', `Accept: ${accept}${hint}`)
}

/** Section "format (request query parameter)": it goes before Accept, whose parameters still count for its type. */
function chooseByUrl(format: string, accept: string | undefined, served: readonly FormatName[]): Choice {
  // Path gateway, section "Accept (request header)": 400 when the content is not under the IPNS namespace.
  if (format === 'ipns-record') throw new WasmateError('INPUT_INVALID', 'format=ipns-record is for /ipns')
  const name = served.find((candidate) => candidate === format)
  if (!name) {
    const hint = Object.hasOwn(mediaTypes, format) ? ` needs ${setting}, which is off` : ''
    throw new WasmateError('FORMAT_UNSUPPORTED', `format=${format}${hint}`)
  }
  const range = parseAccept(accept ?? '').find(({ type }) => type === mediaTypes[name])
  return { name, params: range?.params ?? {} }
}

function chooseExplicit(
  accept: string,
  served: readonly FormatName[],
): (Choice & { weight: number }) | undefined {
  for (const { type, params, weight } of parseAccept(accept)) {
    const name = served.find((candidate) => mediaTypes[candidate] === type)
    if (name && (name !== 'car' || isServedCar(params))) return { name, params, weight }
  }
  return undefined
}

/**
 * RFC 9110 section 12.5.1: what is preferred, and of equals what is more specific. A script that would like JSON
 * but takes anything gets what a browser would.
 */
function chooseAny(accept: string, served: readonly FormatName[]): Choice | undefined {
  const explicit = chooseExplicit(accept, served)
  const open = parseAccept(accept).find(isOpen)
  if (!open || (explicit && explicit.weight >= open.weight && !isPlain(explicit.name))) return explicit
  return { name: 'web', params: {} }
}

function isOpen({ type }: MediaRange): boolean {
  return !type.startsWith('application/vnd.ip') && !Object.values(mediaTypes).includes(type)
}

function isPlain(name: Choice['name']): boolean {
  return name === 'json' || name === 'cbor'
}
