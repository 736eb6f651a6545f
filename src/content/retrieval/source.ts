// What one gateway gives: a CAR that begins with the wanted block, or that block alone where it does no more.
// Section names are those of https://specs.ipfs.tech/http-gateways/trustless-gateway/

import type { IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { CID } from 'multiformats/cid'
import { systemCode } from '../../base/errors.ts'
import { pause } from '../../base/pause.ts'
import { printable } from '../../base/printable.ts'
import { carMediaType } from '../car.ts'
import { type Block, maxBlockBytes, verifyBlock } from '../dag/codecs.ts'
import type { DagScope, EntityBytes } from '../dag/select.ts'
import { type Connections, CutError, RefusedError, contentType } from './http.ts'
import { CarRefusedError, CarStream } from './stream.ts'
import { Watch } from './watch.ts'

/** A block, and with `car` what is wanted from there on. */
export interface Want {
  cid: CID
  car?: { segments: string[]; scope: DagScope; entityBytes?: EntityBytes | undefined } | undefined
}

export interface Source {
  gateway: string
  /** Verified. */
  first: Block
  /** What follows the first block; absent when there was but one. */
  stream?: CarStream
}

export interface Asking {
  gateway: string
  connections: Connections
  /** How long it may be silent, and how long a wait it may ask for. */
  silenceMs: number
  /** Each of them ends it. */
  signals: AbortSignal[]
  lookup: LookupFunction | undefined
  isSeen: (cid: CID) => boolean
  maxRepeatedBytes: number
  onAsked: (format: 'car' | 'raw') => void
  onFirstByte: () => void
  /** It gives no such CAR, and is asked for the block alone. */
  onCarRefused: (cause: unknown) => void
}

const rawMediaType = 'application/vnd.ipld.raw'

/** Throws what the gateway did instead of giving a verified first block. */
export async function openSource(want: Want, asking: Asking): Promise<Source> {
  const path = want.car && carPath(want.cid, want.car)
  const source = path === undefined ? undefined : await openCarSource(want, path, asking)
  return source ?? { gateway: asking.gateway, first: await takeBlock(want.cid, asking) }
}

async function openCarSource(want: Want, path: string, asking: Asking): Promise<Source | undefined> {
  const { gateway, silenceMs, signals, isSeen, maxRepeatedBytes } = asking
  const watch = new Watch(silenceMs, signals)
  try {
    asking.onAsked('car')
    const response = await ask(path, `${carMediaType}; version=1; order=dfs; dups=n`, asking, watch)
    refuseOtherType(response, carMediaType)
    const { type, params } = contentType(response)
    // Section "CAR order": the order is promised by its parameter alone.
    const isOrdered = type === carMediaType && /\border="?dfs\b/.test(params)
    const source = readBody(response, asking, watch)
    const stream = new CarStream({ gateway, watch, source, isOrdered, isSeen, maxRepeatedBytes })
    return { gateway, first: await stream.take(want.cid), stream }
  } catch (cause) {
    watch.end()
    if (signals.some(({ aborted }) => aborted) || !mayHaveBlock(cause, want)) throw watch.explain(cause)
    asking.onCarRefused(cause)
    return undefined
  }
}

/**
 * Section "CAR format signaling in Response": 400 or 406 for what is not supported. And a path may be a wrong one,
 * which only the blocks on the way can prove.
 */
function mayHaveBlock(cause: unknown, { car }: Want): boolean {
  if (cause instanceof CarRefusedError) return true
  if (!(cause instanceof RefusedError)) return false
  if ([200, 400, 406, 415, 501].includes(cause.status)) return true
  return cause.status === 404 && (car?.segments.length ?? 0) > 0
}

/** `undefined` for a path that can't stand in a URL as it is. */
function carPath(cid: CID, { segments, scope, entityBytes }: NonNullable<Want['car']>): string | undefined {
  if (segments.some((name) => ['', '.', '..'].includes(name) || /\p{Surrogate}/u.test(name))) return undefined
  const range = entityBytes && `${entityBytes.from}:${entityBytes.to ?? '*'}`
  const query = [
    'format=car',
    `dag-scope=${scope}`,
    ...(range === undefined ? [] : [`entity-bytes=${range}`]),
    'car-version=1&car-order=dfs&car-dups=n',
  ]
  return `/ipfs/${[cid.toString(), ...segments.map(encodeURIComponent)].join('/')}?${query.join('&')}`
}

async function takeBlock(cid: CID, asking: Asking): Promise<Block> {
  const watch = new Watch(asking.silenceMs, asking.signals)
  try {
    asking.onAsked('raw')
    // Section "GET /ipfs/{cid}": blocks are asked for by their CID alone.
    const response = await ask(`/ipfs/${cid.toString()}?format=raw`, rawMediaType, asking, watch)
    refuseOtherType(response, rawMediaType)
    const block = { cid, bytes: await watch.wait(collect(readBody(response, asking, watch))) }
    verifyBlock(block)
    return block
  } catch (cause) {
    throw watch.explain(cause)
  } finally {
    watch.end()
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > maxBlockBytes) throw new Error(`a block of more than ${maxBlockBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Who asks to be asked again soon is, once. */
async function ask(path: string, accept: string, asking: Asking, watch: Watch): Promise<IncomingMessage> {
  const { gateway: base, connections, silenceMs, lookup } = asking
  const get = (): Promise<IncomingMessage> =>
    watch.wait(connections.get({ base, path, accept, signal: watch.signal, lookup }))
  try {
    return await get()
  } catch (error) {
    const waitMs = error instanceof RefusedError ? error.retryAfterMs : undefined
    if (waitMs === undefined || waitMs > silenceMs) throw error
    await pause(waitMs, watch.signal)
    return get()
  }
}

/** A type that is missing or says nothing is left to the bytes. */
function refuseOtherType(response: IncomingMessage, expected: string): void {
  const { type } = contentType(response)
  if (['', 'application/octet-stream', expected].includes(type)) return
  response.destroy()
  throw new RefusedError(200, `${printable(type, 100)} where ${expected} was asked for`)
}

async function* readBody(
  response: IncomingMessage,
  { onFirstByte }: Asking,
  watch: Watch,
): AsyncGenerator<Uint8Array> {
  let isFirst = true
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      if (isFirst) onFirstByte()
      isFirst = false
      watch.received(chunk.length)
      yield chunk
    }
  } catch (cause) {
    throw systemCode(cause) === 'ECONNRESET' ? new CutError('the answer was cut off', { cause }) : cause
  }
}
