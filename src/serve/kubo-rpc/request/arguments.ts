// The arguments of a call, of its address and of its body, held against what the endpoint takes.

import { WasmateError } from '../../../base/errors.ts'
import type { Query } from '../endpoint.ts'
import { type Part, readWhole } from '../multipart.ts'
import type { Signature } from './signatures.ts'

/** Lines of arguments in a body, all together. */
const maxLinesBytes = 16 * 1024 * 1024

/**
 * Reads arguments from the body where the endpoint takes them from there (`ipfs pin add` with standard input).
 * Throws INPUT_INVALID in Kubo's words when one is missing.
 */
export async function readArguments(
  { arguments: specs }: Signature,
  query: Query,
  body: { isMultipart: boolean; parts: () => AsyncGenerator<Part> },
): Promise<void> {
  const file = specs.find(({ isFile, isRequired }) => isFile && isRequired)
  if (file && !body.isMultipart) {
    throw new WasmateError('INPUT_INVALID', `file argument '${file.name}' is required`)
  }
  const last = specs.at(-1)
  const named = specs.filter(({ isFile }) => !isFile)
  const isMissing = query.all('arg').length < named.length
  if (last?.isFromBody && body.isMultipart && (last.isVariadic || isMissing)) {
    query.addArguments(await readLines(body.parts()))
  }
  const missing = named.find(({ isRequired }, index) => isRequired && query.all('arg')[index] === undefined)
  if (missing) throw new WasmateError('INPUT_INVALID', `argument "${missing.name}" is required`)
}

/** Of the first part alone: the others are not looked at, as in Kubo. */
async function readLines(parts: AsyncGenerator<Part>): Promise<string[]> {
  for await (const { content } of parts) {
    const text = Buffer.from(await readWhole(content, maxLinesBytes)).toString()
    return text.split(/\r?\n/).filter(Boolean)
  }
  return []
}
