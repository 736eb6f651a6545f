// One UnixFS file or raw block as a browser takes it: named, typed, in ranges.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { readBytes } from '../../../content/dag/unixfs.ts'
import { disposition } from '../../disposition.ts'
import { type Headers, commonHeaders } from '../headers.ts'
import type { ContentRequest } from '../request.ts'
import { type Content, type Exchange, sendBytes } from '../respond.ts'
import { guardHeaders } from './guard.ts'
import { looksLikeJson, maxJsonBytes, sniffedBytes, typeByBytes, typeByName } from './media-type.ts'

export interface SentFile {
  cid: CID
  size: number
  /** Empty when there is none, as for a CID alone. */
  name: string
  etag: string
  /** Media type that it has to have. */
  only?: string
}

/** Throws FORMAT_UNSUPPORTED when it is not of the type that it has to be. */
export async function sendFile(exchange: Exchange, file: SentFile): Promise<void> {
  const { node, asked, path, signal } = exchange
  const content: Content = {
    size: file.size,
    read: (range) => readBytes(node, file.cid, range, signal),
  }
  const type = typeByName(file.name) ?? (await sniff(content))
  if (file.only !== undefined && type !== file.only) {
    throw new WasmateError('FORMAT_UNSUPPORTED', `${file.cid.toString()} is ${type}, not ${file.only}`)
  }
  const headers: Headers = {
    ...commonHeaders(asked, path),
    ...guardHeaders,
    ...dispositionOf(asked, file.name),
  }
  await sendBytes(exchange, { ...headers, 'Content-Type': type, Etag: file.etag }, content)
}

/** The name that the client gives, or the last of the path. */
export function nameOf({ filename, segments }: ContentRequest): string {
  return filename ?? segments.at(-1) ?? ''
}

/** Section "Content-Disposition": only when a name or a download is asked for. */
function dispositionOf({ filename, download, root }: ContentRequest, name: string): Headers {
  if (filename === undefined && !download) return {}
  const kind = download ? 'attachment' : 'inline'
  return { 'Content-Disposition': disposition(name || root.toString(), kind) }
}

async function sniff(content: Content): Promise<string> {
  const head = await readHead(content, sniffedBytes)
  const isSmall = content.size <= maxJsonBytes
  if (isSmall && head && looksLikeJson(head)) {
    const all = await readHead(content, content.size)
    if (all) return typeByBytes(all, true)
  }
  return head ? typeByBytes(head, content.size <= sniffedBytes) : 'application/octet-stream'
}

/** `undefined` when it is not here: a range of the rest may be. */
async function readHead(content: Content, length: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  try {
    for await (const part of content.read({ from: 0, to: length - 1 })) parts.push(part)
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND') return undefined
    throw error
  }
  return Buffer.concat(parts)
}
