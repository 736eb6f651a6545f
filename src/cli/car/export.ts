// wasmate car export: a DAG as a CARv1 that has one root, depth first, and what Filecoin's tools need to know of it.

import { basename, resolve } from 'node:path'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { encodeCar } from '../../content/car.ts'
import { type Block, isIdentity } from '../../content/dag/codecs.ts'
import { type DagScope, selectBlocks } from '../../content/dag/select.ts'
import { resolvePath } from '../../content/dag/walk.ts'
import type { Piece } from '../../content/piece/commitment.ts'
import { PieceThread } from '../../content/piece/thread.ts'
import { RetrievalSession } from '../../content/retrieval/session.ts'
import type { Session } from '../session.ts'
import { checkOutput, writeOutput } from './file.ts'
import { type Origin, findOrigin } from './origin.ts'
import { describePiece } from './piece.ts'
import { countBlocks } from './verify.ts'

export interface ExportOptions {
  network: string
  output?: string
  scope: DagScope
  piece?: boolean
  force?: boolean
}

export async function exportVerb(session: Session, options: ExportOptions, target: string): Promise<void> {
  const { output, signal, config } = session
  const path = outputPath(options.output, target)
  if (path === '-' && output.json) {
    throw new WasmateError('INPUT_INVALID', '--json and -o - both want standard output')
  }
  await checkOutput(path, options.force ?? false)
  const origin = await findOrigin(session, target, options.network)
  const reader = new RetrievalSession({
    ask: { root: origin.root, segments: origin.segments, scope: options.scope },
    gateways: origin.gateways,
    routers: [...config.content.routers],
    maxBytes: Number.MAX_SAFE_INTEGER,
    signal,
  })
  try {
    const written = await writeCar(session, { reader, origin, path }, options)
    // A pipe gets the CAR alone.
    if (path === '-') return output.note(describeWritten(written))
    output.result(written, describeWritten(written))
  } finally {
    await reader.close()
  }
}

interface Written {
  root: string
  file: string
  scope: DagScope
  blocks: number
  bytes: number
  piece?: Piece
}

interface Work {
  reader: RetrievalSession
  origin: Origin
  path: string
}

async function writeCar(
  session: Session,
  { reader, origin, path }: Work,
  { scope, piece, force = false }: ExportOptions,
): Promise<Written> {
  const { output, signal, environment } = session
  const root = await findEnd(reader, origin)
  const written: Written = { root: root.toString(), file: path, scope, blocks: 0, bytes: 0 }
  const thread = piece ? new PieceThread({ workerUrl: environment.workers.piece, signal }) : undefined
  const blocks = selectBlocks(reader, { blocks: [], cid: root }, { scope, dups: 'n' }, signal)
  const count = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of encodeCar([root], tally(blocks, written))) {
      if (thread) await thread.write(chunk)
      written.bytes += chunk.length
      output.progress({ doing: `exporting ${countBlocks(written.blocks)}, ${written.bytes} bytes` })
      yield chunk
    }
    if (thread) written.piece = await thread.end()
  }
  try {
    await writeOutput(path, count(), { force, signal })
  } finally {
    await thread?.stop()
  }
  return written
}

async function* tally(blocks: AsyncIterable<Block>, written: Written): AsyncGenerator<Block> {
  for await (const block of blocks) {
    if (!isIdentity(block.cid)) written.blocks += 1
    yield block
  }
}

/** What the path leads to is the root: nothing of the way there is in the CAR. */
async function findEnd(reader: RetrievalSession, { root, segments }: Origin): Promise<CID> {
  const { cid, rest } = await resolvePath(reader, root, segments)
  if (rest.length === 0) return cid
  throw new WasmateError('PATH_INSIDE_BLOCK', `/${rest.join('/')} is a part of block ${cid.toString()}`)
}

/** By default a file here, called by the last part of what was asked for. */
function outputPath(given: string | undefined, target: string): string {
  if (given === '-') return given
  const name = basename(target.replace(/\/+$/, '')) || 'export'
  return resolve(given ?? `${name}.car`)
}

function describeWritten({ root, file, scope, blocks, bytes, piece }: Written): string {
  const part = scope === 'all' ? '' : `  dag-scope ${scope}`
  const where = file === '-' ? [] : [file]
  const lines = [...where, `root         ${root}${part}`, `CARv1        ${countBlocks(blocks)}, ${bytes} B`]
  return [...lines, ...(piece ? [describePiece(piece)] : [])].join('\n')
}
