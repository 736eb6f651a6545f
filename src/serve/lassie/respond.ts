// One retrieval as a CAR that is made while it is sent: blocks from the store, else from providers, each verified.

import type { FastifyReply } from 'fastify'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { encodeCar } from '../../content/car.ts'
import { type Block, type BlockReader, isIdentity } from '../../content/dag/codecs.ts'
import { selectBlocks } from '../../content/dag/select.ts'
import { resolvePath } from '../../content/dag/walk.ts'
import { RetrievalSession, type SessionOptions } from '../../content/retrieval/session.ts'
import { sendStream } from '../stream.ts'
import { carHeaders } from './headers.ts'
import { refuse } from './refusal.ts'
import type { Retrieval } from './request.ts'
import { Timing } from './timing.ts'

export interface Exchange {
  retrieval: Retrieval
  reply: FastifyReply
  traceId: string
  /** Where blocks come from. */
  sources: Pick<SessionOptions, 'store' | 'gateways' | 'routers' | 'maxBytes' | 'silenceMs'>
  /** How long a client may take nothing of the answer. */
  stallMs: number
  log: Log
}

/** Until the first block is there and verified a failure has a status; one after it cuts the body off. */
export async function sendRetrieval(exchange: Exchange): Promise<void> {
  const { retrieval, reply, traceId, sources, stallMs, log } = exchange
  const { root, segments, selection, blockLimit } = retrieval
  const timing = new Timing()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const session = new RetrievalSession({
    ...sources,
    ask: { root, segments, scope: selection.scope, entityBytes: selection.entityBytes },
    requestId: traceId,
    signal: gone.signal,
    onEvent: (event) => timing.observe(event),
  })
  const reader = new WatchedReader(session)
  try {
    const path = await resolvePath(reader, root, segments)
    const blocks = selectBlocks(reader, path, selection, gone.signal)
    const first = await take(blocks, path.blocks.length + 1)
    reply.raw.setTimeout(stallMs, () => reply.raw.destroy())
    const chunks = encodeCar([root], atMost(blockLimit, follow(first, blocks)))
    const headers = { ...carHeaders(retrieval, traceId), 'Server-Timing': timing.header() }
    await sendStream(reply, { chunks, headers }, log)
  } catch (error) {
    reply.header('Server-Timing', timing.header())
    refuseFailed(reply, error, { failed: reader.failed, hadCandidates: timing.hadCandidates })
  } finally {
    await session.close()
  }
}

/** Section "Response Status Codes", with the words of the daemon. */
function refuseFailed(
  reply: FastifyReply,
  error: unknown,
  { failed, hadCandidates }: { failed: boolean; hadCandidates: boolean },
): void {
  const { code, fault, message, detail } = toWasmateError(error)
  const reason = `failed to fetch CID: ${message}`
  if (fault === 'ours' || code.startsWith('STATE_')) refuse(reply, 500, reason)
  // Trustless gateway, section "404 Not Found": the blocks are there and prove that the path leads nowhere.
  else if (code === 'CONTENT_NOT_FOUND' && !failed)
    refuse(reply, 404, `failed to fetch CID: ${detail ?? message}`)
  else if (code === 'GATEWAYS_FAILED' && !hadCandidates) refuse(reply, 502, 'no candidates found')
  else refuse(reply, 504, reason)
}

/** Remembers whether it was a block that could not be had. */
class WatchedReader implements BlockReader {
  failed = false
  readonly #reader: BlockReader

  constructor(reader: BlockReader) {
    this.#reader = reader
  }

  async get(...[cid]: Parameters<BlockReader['get']>): Promise<Uint8Array> {
    try {
      return await this.#reader.get(cid)
    } catch (error) {
      this.failed = true
      throw error
    }
  }
}

async function take(blocks: AsyncIterator<Block>, count: number): Promise<Block[]> {
  const taken: Block[] = []
  for (let next; taken.length < count; taken.push(next.value)) {
    next = await blocks.next()
    if (next.done) break
  }
  return taken
}

async function* follow(first: Block[], rest: AsyncIterable<Block>): AsyncGenerator<Block> {
  yield* first
  yield* rest
}

/** What is over the limit cuts the answer off: it is not the DAG that was asked for. */
async function* atMost(limit: number | undefined, blocks: AsyncIterable<Block>): AsyncGenerator<Block> {
  let count = 0
  for await (const block of blocks) {
    // An identity block never travels.
    if (!isIdentity(block.cid)) count += 1
    if (limit !== undefined && count > limit)
      throw new WasmateError('CONTENT_TOO_LARGE', `there are more than blockLimit=${limit} blocks`)
    yield block
  }
}
