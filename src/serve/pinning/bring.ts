// One pin made true: from the node's own blocks, or from elsewhere. When nobody has the rest, or a stop comes between,
// what came and is verified stays for the next try; a collection may take it before.

import { WasmateError, describe } from '../../base/errors.ts'
import { orAborted } from '../../base/pause.ts'
import { encodeCar } from '../../content/car.ts'
import { type Block, isIdentity, parseCid } from '../../content/dag/codecs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import type { ContentNode } from '../../content/node.ts'
import type { PinRequest } from '../../content/pinning/messages.ts'
import type { FetchDag } from './origins.ts'

export interface BringOptions {
  node: ContentNode
  fetch: FetchDag
  signal: AbortSignal
  /** Whether what came stays for another try when it is broken off. */
  isResumed: () => boolean
  /** Told what is being done, in words. */
  tell: (details: string) => void
}

/** Resolves when the DAG is pinned on disk; gives what `info` says of it. Throws why it can't be had. */
export async function bringPin(pin: PinRequest, options: BringOptions): Promise<Record<string, string>> {
  const { node, signal, tell } = options
  const cid = parseCid(pin.cid)
  // A request without a name has nothing against the one that the pin has.
  const name = pin.name ?? node.pins.get(cid)?.name ?? ''
  tell('looking for its blocks in this node')
  const isHere = await node.pin(cid, 'recursive', name, signal).then(
    () => true,
    (error: unknown) => {
      // A damaged block is replaced by the one that comes.
      if (error instanceof WasmateError && absent.has(error.code)) return false
      throw error
    },
  )
  if (!isHere) {
    await fetchAndPin(pin, options)
    signal.throwIfAborted()
    await node.pins.add({ cid, mode: 'recursive', name })
  }
  return { dag_size: String(await sizeOf(node, pin.cid, signal)) }
}

const absent = new Set(['CONTENT_NOT_FOUND', 'STATE_DAMAGED'])

async function fetchAndPin(
  pin: PinRequest,
  { node, fetch, signal, isResumed, tell }: BringOptions,
): Promise<void> {
  const cid = parseCid(pin.cid)
  const count = { blocks: 0, bytes: 0 }
  tell('fetching from its origins')
  const blocks = fetch(cid, pin.origins ?? [], signal)
  const counted = countBlocks(endWith(blocks, signal), ({ bytes }) => {
    count.blocks += 1
    count.bytes += bytes.length
    tell(`fetching: ${count.blocks} blocks, ${count.bytes} bytes`)
  })
  // As a CAR, because the node takes one whole or not at all, and holds its blocks until the root is pinned.
  const keeps = (error: unknown): boolean =>
    isResumed() || (error instanceof WasmateError && error.code === 'GATEWAYS_FAILED')
  const { roots } = await node.importCar(encodeCar([cid], counted), true, keeps)
  const failure = roots[0]?.failure
  if (failure !== undefined) throw new WasmateError('GATEWAYS_FAILED', describe(failure), { cause: failure })
}

async function* countBlocks(
  blocks: AsyncIterable<Block>,
  tell: (block: Block) => void,
): AsyncGenerator<Block> {
  for await (const block of blocks) {
    tell(block)
    yield block
  }
}

/** Ends with the signal whether the source listens to it or not. */
async function* endWith<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next: IteratorResult<T, unknown> = await orAborted(iterator.next(), signal)
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not waited for: one that does not listen may never come to its end.
    void iterator.return?.()?.catch(() => undefined)
  }
}

async function sizeOf(node: ContentNode, cid: string, signal: AbortSignal): Promise<number> {
  let size = 0
  for await (const block of walkDag(node, parseCid(cid), { signal })) {
    if (!isIdentity(block.cid)) size += block.bytes.length
  }
  return size
}
