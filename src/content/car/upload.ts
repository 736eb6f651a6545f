// A CAR into a node over the Kubo RPC, with what the node says of it: kubo-rpc-client leaves out the count of blocks,
// by which an answer that broke off is told from a whole one.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { WasmateError, describe, isAbort } from '../../base/errors.ts'
import { carMediaType } from '../car.ts'

export interface UploadedCar {
  roots: { cid: string; failure: string }[]
  blockCount: number
  blockBytes: number
}

export interface UploadOptions {
  /** URL of the RPC, without /api/v0. */
  kuboUrl: string
  /** Pin its roots recursively. */
  pin: boolean
  signal?: AbortSignal
}

/**
 * The node verifies each block. A root that it could not pin comes with the reason why. Throws KUBO_UNREACHABLE,
 * KUBO_REFUSED with what the node said, or CANCELLED.
 */
export async function uploadCar(
  source: AsyncIterable<Uint8Array>,
  { kuboUrl, pin, signal }: UploadOptions,
): Promise<UploadedCar> {
  const boundary = `wasmate-${randomBytes(12).toString('hex')}`
  const response = await askNode({
    kuboUrl,
    endpoint: 'dag/import',
    query: { 'pin-roots': String(pin), stats: 'true' },
    body: { type: `multipart/form-data; boundary=${boundary}`, bytes: multipart(source, boundary) },
    signal,
  })
  const found: UploadedCar = { roots: [], blockCount: 0, blockBytes: 0 }
  let isWhole = false
  for (const line of response.split('\n').filter((each) => each !== '')) {
    const { Root, Stats } = parseLine(line, kuboUrl)
    if (Root) found.roots.push({ cid: Root.Cid['/'], failure: Root.PinErrorMsg ?? '' })
    if (!Stats) continue
    isWhole = true
    found.blockCount = Stats.BlockCount
    found.blockBytes = Stats.BlockBytesCount
  }
  if (!isWhole) throw new WasmateError('KUBO_REFUSED', `${kuboUrl} broke its answer off`)
  return found
}

interface Question {
  kuboUrl: string
  endpoint: string
  query: Record<string, string>
  body?: { type: string; bytes: AsyncIterable<Uint8Array> }
  signal: AbortSignal | undefined
}

/** Gives the whole answer as text. */
export async function askNode({ kuboUrl, endpoint, query, body, signal }: Question): Promise<string> {
  const url = new URL(
    `${kuboUrl.replace(/\/+$/, '')}/api/v0/${endpoint}?${new URLSearchParams(query).toString()}`,
  )
  try {
    const response = await send(url, body, signal)
    const answer = await text(response)
    if (response.statusCode === 200) return answer
    const reason = messageOf(answer) || `HTTP ${response.statusCode}`
    throw new WasmateError('KUBO_REFUSED', `${kuboUrl} (${reason})`)
  } catch (error) {
    if (error instanceof WasmateError) throw error
    if (signal?.aborted || isAbort(error)) throw new WasmateError('CANCELLED', undefined, { cause: error })
    throw new WasmateError('KUBO_UNREACHABLE', `${kuboUrl} (${describe(error)})`, { cause: error })
  }
}

/** Not `fetch`, which reads a body faster than it can send it and keeps all of it meanwhile. */
async function send(
  url: URL,
  body: Question['body'],
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? requestTls : requestPlain)(url, {
    method: 'POST',
    ...(signal && { signal }),
    ...(body && { headers: { 'content-type': body.type } }),
  })
  // Whoever waits is told; what comes after an early answer is told nobody.
  request.on('error', () => undefined)
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  // Both fail when the connection does; a node that refuses answers before it has read everything.
  const sent = pipeline(body?.bytes ?? [], request)
  const [response] = await Promise.race([answered, sent.then(() => answered)])
  sent.catch(() => undefined)
  return response
}

async function* multipart(source: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const disposition = 'Content-Disposition: form-data; name="file"; filename="file.car"'
  yield Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: ${carMediaType}\r\n\r\n`)
  yield* source
  yield Buffer.from(`\r\n--${boundary}--\r\n`)
}

interface ImportLine {
  Root?: { Cid: { '/': string }; PinErrorMsg?: string }
  Stats?: { BlockCount: number; BlockBytesCount: number }
}

function parseLine(line: string, kuboUrl: string): ImportLine {
  try {
    return JSON.parse(line) as ImportLine
  } catch (error) {
    throw new WasmateError('KUBO_REFUSED', `${kuboUrl} answered with what is not JSON`, { cause: error })
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { Message?: string }).Message ?? ''
  } catch {
    // Not Kubo's own form, such as a proxy's page: its beginning has to do.
    return text.slice(0, 200)
  }
}
