// Which deserialized answer is sent, by the codec at the end of the path and the format that is wanted.
// Section names are those of https://specs.ipfs.tech/http-gateways/path-gateway/

import { WasmateError } from '../../../base/errors.ts'
import { isDirectory, readNode } from '../../../content/dag/unixfs.ts'
import { commonHeaders } from '../headers.ts'
import type { Format } from '../request.ts'
import { type Exchange, refuseRest, sendBytes, wholeBlock } from '../respond.ts'
import { type DagCodec, codecNames, sendCodec } from './codec.ts'
import { nameOf, sendFile } from './file.ts'
import { sendFolder } from './folder.ts'
import { guardHeaders } from './guard.ts'
import { sendTar } from './tar.ts'

export type DeserializedFormat = Exclude<Format['format'], 'raw' | 'car'>

/** dag-pb and raw. */
const unixFsCodes = new Set([0x70, 0x55])

/** Section "Response Payload". Throws CODEC_UNSUPPORTED, FORMAT_UNSUPPORTED or PATH_INSIDE_BLOCK. */
export async function sendDeserialized(exchange: Exchange, format: DeserializedFormat): Promise<void> {
  const { cid } = exchange.path
  refuseRest(exchange.path)
  const codec = codecNames.get(cid.code)
  if (codec) return sendCodec(exchange, codec, format)
  if (!unixFsCodes.has(cid.code)) {
    throw new WasmateError('CODEC_UNSUPPORTED', `codec 0x${cid.code.toString(16)} of ${cid.toString()}`)
  }
  if (format === 'dag-json' || format === 'dag-cbor') throw mismatch(exchange, format)
  if (format === 'tar') await sendTar(exchange)
  else await sendUnixFs(exchange, format)
}

async function sendUnixFs(exchange: Exchange, format: 'web' | 'json' | 'cbor'): Promise<void> {
  const { node, asked, path } = exchange
  const entry = readNode({ cid: path.cid, bytes: await node.get(path.cid) })
  if (isDirectory(entry)) {
    if (format !== 'web') throw mismatch(exchange, format)
    return sendFolder(exchange)
  }
  const etag = `"${path.cid.toString()}"`
  if (entry.type !== 'symlink') {
    const file = { cid: path.cid, size: entry.size, name: nameOf(asked), etag }
    // Section "Accept (request header)": files of that type as they are, anything else is 406.
    return sendFile(exchange, format === 'web' ? file : { ...file, only: `application/${format}` })
  }
  // A link is not followed: what it names is its content, as in Kubo.
  const headers = { 'Content-Type': 'inode/symlink', Etag: etag }
  await sendBytes(
    exchange,
    { ...commonHeaders(asked, path), ...guardHeaders, ...headers },
    wholeBlock(entry.data),
  )
}

/** Section "406 Not Acceptable": nothing is converted. */
function mismatch({ path }: Exchange, format: DagCodec): WasmateError {
  const what = `${path.cid.toString()} is not ${format}`
  return new WasmateError('FORMAT_UNSUPPORTED', `${what}; ?format=raw gives the block to convert it yourself`)
}
