// add --to-files: what was added gets a place in the mutable file system as well, in Kubo's words.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { isDirectory } from '../../../content/dag/unixfs.ts'
import { copyTo } from '../../../content/files/operations.ts'
import { parseFilePath, splitLast } from '../../../content/files/path.ts'
import type { ContentNode } from '../../../content/node.ts'
import { kuboWords } from '../reply.ts'

/** Gives what stands at the top of an add its place. */
export type LinkEntry = (name: string, cid: CID) => Promise<void>

/** A path with a slash at its end is a directory that is there; another is what the one entry is called. */
export function linkInto(node: ContentNode, to: string): LinkEntry {
  let isTaken = false
  return async (name, cid) => {
    const target = parse(to)
    if (target.isDirectory) await requireDirectory(node, to)
    else if (isTaken) {
      throw refuse(`MFS destination is a file: only one entry can be copied to ${JSON.stringify(to)}`)
    } else await requireParent(node, to)
    isTaken = true
    const place = target.isDirectory ? `${to}${name}` : to
    try {
      await node.files.change(copyTo(cid, place))
    } catch (error) {
      const reason = kuboWords(error).replace(/^cp: cannot put node in path [^:]*: /, '')
      throw refuse(`cannot put node in path ${JSON.stringify(place)}: ${reason}`, error)
    }
  }
}

function parse(to: string): ReturnType<typeof parseFilePath> {
  try {
    return parseFilePath(to)
  } catch (error) {
    throw refuse(kuboWords(error), error)
  }
}

async function requireDirectory(node: ContentNode, to: string): Promise<void> {
  const shown = JSON.stringify(to)
  const found = await node.files.find(to).catch((error: unknown) => {
    throw refuse(`MFS destination directory ${shown} does not exist: ${kuboWords(error)}`, error)
  })
  if (!isDirectory(found.node)) throw refuse(`MFS destination ${shown} is not a directory`)
}

async function requireParent(node: ContentNode, to: string): Promise<void> {
  const parent = `/${splitLast(parse(to)).parent.join('/')}`
  await node.files.find(parent).catch((error: unknown) => {
    const shown = `${JSON.stringify(to)} ${JSON.stringify(parent)}`
    throw refuse(`MFS destination parent ${shown} does not exist: ${kuboWords(error)}`, error)
  })
}

function refuse(reason: string, cause?: unknown): WasmateError {
  return new WasmateError('INPUT_INVALID', `to-files: ${reason}`, { cause })
}
