// Blocks of dag-json, dag-cbor, json and cbor as they are, or shown as a page; nothing is converted (IPIP-524).

import * as dagJson from '@ipld/dag-json'
import type { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../../../base/errors.ts'
import { codecOf, decodeBlock } from '../../../content/dag/codecs.ts'
import { disposition } from '../../disposition.ts'
import { mediaTypes } from '../format.ts'
import { commonHeaders } from '../headers.ts'
import { type Exchange, isFresh, sendBytes, wholeBlock } from '../respond.ts'
import { guardHeaders, ownPageHeaders } from './guard.ts'
import { escapeHtml, pageEnd, pageHead, pageVersion } from './page.ts'
import { sendRedirect } from './redirect.ts'

export type DagCodec = 'json' | 'cbor' | 'dag-json' | 'dag-cbor'

export const codecNames: ReadonlyMap<number, DagCodec> = new Map([
  [0x0200, 'json'],
  [0x51, 'cbor'],
  [0x0129, 'dag-json'],
  [0x71, 'dag-cbor'],
])

/** Path gateway, section "406 Not Acceptable"; json and cbor may name the DAG form of the same bytes. */
export async function sendCodec(
  exchange: Exchange,
  codec: DagCodec,
  wanted: DagCodec | 'tar' | 'web',
): Promise<void> {
  const { node, asked, path } = exchange
  const { cid } = path
  const isDag = codec.startsWith('dag-')
  if (wanted === 'tar' || (wanted !== 'web' && wanted !== codec && `dag-${wanted}` !== codec)) {
    const detail = `${cid.toString()} is ${codec}, not ${wanted}; ?format=raw gives the block to convert it yourself`
    throw new WasmateError('FORMAT_UNSUPPORTED', detail)
  }
  // Section "Response Payload".
  if (isDag && wanted === 'web' && asked.html && !asked.download) return sendPreview(exchange, codec)
  const sent = wanted === 'web' ? codec : wanted
  const extension = sent.replace('dag-', '')
  // CBOR is nothing that a browser could show.
  const kind = asked.download || extension === 'cbor' ? 'attachment' : 'inline'
  const headers = {
    ...commonHeaders(asked, path),
    ...guardHeaders,
    'Content-Disposition': disposition(asked.filename ?? `${cid.toString()}.${extension}`, kind),
    'Content-Type': mediaTypes[sent],
    Etag: `"${cid.toString()}.${sent}"`,
  }
  await sendBytes(exchange, headers, wholeBlock(await node.get(cid)))
}

/** The value as text, and where to have it as it is. */
async function sendPreview(exchange: Exchange, codec: DagCodec): Promise<void> {
  const { node, request, reply, asked, path } = exchange
  if (!asked.path.endsWith('/')) return sendRedirect(exchange)
  const headers = {
    ...commonHeaders(asked, path),
    ...ownPageHeaders,
    'Cache-Control': 'public, max-age=604800, stale-while-revalidate=2678400',
    Etag: `"DagIndex-${pageVersion}_CID-${path.cid.toString()}"`,
  }
  if (isFresh(exchange, headers)) return
  const bytes = await node.get(path.cid)
  const body = renderPreview(path.cid, codec, bytes)
  await reply.headers(headers).send(request.method === 'HEAD' ? undefined : body)
}

function renderPreview(cid: CID, codec: DagCodec, bytes: Uint8Array): string {
  const links = ['raw', 'car', codec].map(
    (name) => `<a href="/ipfs/${cid.toString()}?format=${name}">${name}</a>`,
  )
  return [
    pageHead(`${codec} ${cid.toString()}`),
    `<h1>${codec}</h1>\n<p>${cid.toString()}</p>\n<p>${links.join(' ')}</p>\n`,
    `<pre>${escapeHtml(indentJson(toDagJson(cid, codec, bytes)))}</pre>\n`,
    pageEnd,
  ].join('')
}

/** Throws CODEC_UNSUPPORTED, also for what is nested too deep to be shown. */
function toDagJson(cid: CID, codec: DagCodec, bytes: Uint8Array): string {
  const value = decodeBlock({ cid, bytes }, codecOf(codec))
  try {
    return new TextDecoder().decode(dagJson.encode(value))
  } catch (error) {
    const detail = `${cid.toString()} can't be shown as JSON (${describe(error)}); ?format=raw gives the block`
    throw new WasmateError('CODEC_UNSUPPORTED', detail, { cause: error })
  }
}

const maxIndent = 40

/** By its tokens, so that numbers stay as they are, however large. */
function indentJson(text: string): string {
  let depth = 0
  const line = (): string => `\n${'  '.repeat(Math.min(depth, maxIndent))}`
  return text.replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]/g, (token) => {
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    if (token === '{' || token === '[' || token === ',') return `${token}${line()}`
    if (token === '}' || token === ']') return `${line()}${token}`
    return token === ':' ? ': ' : token
  })
}
