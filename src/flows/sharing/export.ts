// Flow export: name or CID -> path -> blocks -> a CARv1 that has one root, depth first, and its piece where asked for.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { encodeCar } from '../../content/car.ts'
import { type Block, isIdentity } from '../../content/dag/codecs.ts'
import { type DagScope, selectBlocks } from '../../content/dag/select.ts'
import { resolvePath } from '../../content/dag/walk.ts'
import type { Piece } from '../../content/piece/commitment.ts'
import { PieceThread } from '../../content/piece/thread.ts'
import { RetrievalSession } from '../../content/retrieval/session.ts'
import type { Origin } from './origin.ts'

export interface CarRequest {
  origin: Origin
  scope: DagScope
  /** Delegated routers, asked when no gateway has it. */
  routers: readonly string[]
  /** The file that computes pieces in a thread; absent: no piece is wanted. */
  pieceWorkerUrl?: URL | undefined
}

export interface WrittenCar {
  root: string
  scope: DagScope
  blocks: number
  bytes: number
  piece?: Piece
}

export interface CarContext {
  signal: AbortSignal
  /** Told after each chunk how far it is. */
  tell(written: WrittenCar): void
}

/** `write` takes the bytes to their end, or throws. Throws CONTENT_NOT_FOUND, PATH_INSIDE_BLOCK, CANCELLED. */
export async function exportCar(
  request: CarRequest,
  write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  context: CarContext,
): Promise<WrittenCar> {
  const { origin, scope, routers } = request
  const reader = new RetrievalSession({
    ask: { root: origin.root, segments: origin.segments, scope },
    gateways: origin.gateways,
    routers: [...routers],
    maxBytes: Number.MAX_SAFE_INTEGER,
    signal: context.signal,
  })
  try {
    return await writeCar(request, reader, write, context)
  } finally {
    await reader.close()
  }
}

async function writeCar(
  { origin, scope, pieceWorkerUrl: workerUrl }: CarRequest,
  reader: RetrievalSession,
  write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  { signal, tell }: CarContext,
): Promise<WrittenCar> {
  const root = await findEnd(reader, origin)
  const written: WrittenCar = { root: root.toString(), scope, blocks: 0, bytes: 0 }
  const thread = workerUrl && new PieceThread({ workerUrl, signal })
  const blocks = selectBlocks(reader, { blocks: [], cid: root }, { scope, dups: 'n' }, signal)
  const count = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of encodeCar([root], tally(blocks, written))) {
      if (thread) await thread.write(chunk)
      written.bytes += chunk.length
      tell(written)
      yield chunk
    }
    if (thread) written.piece = await thread.end()
  }
  try {
    await write(count())
  } finally {
    await thread?.stop()
  }
  return written
}

async function* tally(blocks: AsyncIterable<Block>, written: WrittenCar): AsyncGenerator<Block> {
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
