// Where receipts are: as blocks of the node, or of the Kubo that stands in for it.

import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { ContentClient } from '../../content/client.ts'
import { type Block, codecOf, keyOf, makeBlock, parseCid } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import { RetrievalSession } from '../../content/retrieval/session.ts'
import type { Context } from '../../model.ts'
import { type Receipt, decodeReceipt, encodeReceipt } from '../../trace/receipts/receipt.ts'

export interface ReceiptStoreOptions {
  /** Absent when content is kept by a Kubo. */
  node?: ContentNode | undefined
  client: ContentClient
  gateways: string[]
}

export interface StoredReceipt {
  cid: string
  size: number
  receipt: Receipt
  /** Resolves when it is on disk; throws STATE_UNWRITABLE, KUBO_UNREACHABLE and the like. */
  stored: Promise<void>
}

/** A receipt can be read from the moment it has a CID, also while it is still being written. */
export class ReceiptStore {
  readonly #options: ReceiptStoreOptions
  readonly #writing = new Map<string, Uint8Array>()

  constructor(options: ReceiptStoreOptions) {
    this.#options = options
  }

  put(receipt: Receipt): StoredReceipt {
    const block = makeBlock(encodeReceipt(receipt), codecOf('dag-json'))
    const cid = block.cid.toString()
    this.#writing.set(cid, block.bytes)
    const stored = this.#write(block).finally(() => this.#writing.delete(cid))
    // Whoever does not wait for it hears of it in the log.
    stored.catch(() => undefined)
    return { cid, size: block.bytes.length, receipt, stored }
  }

  /** Throws RECEIPT_NOT_FOUND, RECEIPT_DAMAGED, RECEIPT_INVALID or RECEIPT_NEWER. */
  async get(text: string, context: Context): Promise<Receipt> {
    const cid = parseCid(text)
    if (cid.code !== codecOf('dag-json').code) {
      throw new WasmateError('RECEIPT_INVALID', `${text} is not DAG-JSON, which receipts are`)
    }
    const bytes = this.#writing.get(text) ?? (await this.#read(text, context))
    return decodeReceipt(bytes, text)
  }

  /** They are forgotten: unless somebody pinned them, their blocks go. */
  async drop(cids: string[]): Promise<void> {
    const { node, client } = this.#options
    if (node) await node.collect({ only: cids.map(parseCid) })
    else for (const cid of cids) await client.unpin(cid)
  }

  async #write(block: Block): Promise<void> {
    const { node, client } = this.#options
    if (node) await node.putBlock(block)
    else await client.pinBlock(block.bytes, 'dag-json')
  }

  async #read(text: string, { signal }: Context): Promise<Uint8Array> {
    const cid = parseCid(text)
    try {
      const { node } = this.#options
      return node ? await node.get(cid) : await this.#fetch(text, signal)
    } catch (error) {
      const { code, detail } = toWasmateError(error)
      if (code === 'CONTENT_NOT_FOUND' || code === 'GATEWAYS_FAILED') {
        throw new WasmateError('RECEIPT_NOT_FOUND', text, { cause: error })
      }
      if (code === 'STATE_DAMAGED' || code === 'BLOCK_MISMATCH') {
        throw new WasmateError('RECEIPT_DAMAGED', detail ?? keyOf(cid), { cause: error })
      }
      throw error
    }
  }

  async #fetch(text: string, signal = new AbortController().signal): Promise<Uint8Array> {
    const root = parseCid(text)
    const session = new RetrievalSession({
      ask: { root, segments: [], scope: 'block' },
      gateways: this.#options.gateways,
      ...{ routers: [], maxBytes: Number.MAX_SAFE_INTEGER, signal },
    })
    try {
      return await session.get(root)
    } finally {
      await session.close()
    }
  }
}
