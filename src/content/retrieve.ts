// Bytes by CID from gateways that nobody needs to trust.

import type { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../base/errors.ts'
import type { Context } from '../model.ts'
import { type Block, type BlockReader, isIdentity, keyOf, linksOf, mayLink, parseCid } from './dag/codecs.ts'
import { type Delivery, type GatewayFailure, SilenceError, raceGateways } from './gateways.ts'
import { type FolderFile, type FolderLimits, extractFolder } from './dag/folder.ts'
import { extractFile, readNode, tooLarge } from './dag/unixfs.ts'

export interface RetrieveOptions extends Context {
  /** URLs of trustless gateways, without /ipfs. Nothing else is contacted. */
  gateways: string[]
  /** Largest file in bytes; its DAG may have a tenth and 1 MiB more. */
  maxBytes: number
  /** How long a gateway may stay silent before it is given up: 5 seconds unless given. */
  silenceMs?: number
}

const defaultSilenceMs = 5_000

/**
 * Gives the files of a directory, each with its path. Throws what `retrieveFile` throws, and FOLDER_REFUSED for
 * links, odd names and too many files.
 */
export async function retrieveFolder(
  cid: string,
  options: RetrieveOptions & FolderLimits,
): Promise<FolderFile[]> {
  const root = parseCid(cid)
  return extractFolder(await receiveDag(root, options), root, options)
}

/**
 * Gives the bytes of a file, a raw block, or the one .wasm of a directory. Gateways are raced; what one has
 * delivered before it failed is kept and only the rest is asked of the others. Throws CID_INVALID,
 * GATEWAYS_FAILED with what each gateway did as its cause, CONTENT_TOO_LARGE, CODEC_UNSUPPORTED,
 * CONTENT_NOT_FOUND when the DAG holds no such file, or CANCELLED.
 */
export async function retrieveFile(cid: string, options: RetrieveOptions): Promise<Uint8Array> {
  const root = parseCid(cid)
  return extractFile(await receiveDag(root, options), root, options.maxBytes)
}

async function receiveDag(root: CID, options: RetrieveOptions): Promise<Received> {
  const received = new Received(root, options.maxBytes)
  const gateways = new Candidates(options.gateways)
  for (let wanted = received.firstMissing(); wanted; wanted = received.firstMissing()) {
    const asked = gateways.forBlock(wanted)
    if (asked.length === 0) throw gateways.allFailed(root)
    const limits = { silenceMs: options.silenceMs ?? defaultSilenceMs, signal: options.signal }
    const fail = gateways.failing(wanted)
    const delivery = await raceGateways(wanted, asked, limits, fail)
    if (delivery) await takeAll(delivery, received, options, fail)
    if (options.signal?.aborted) throw new WasmateError('CANCELLED', `fetching ${root.toString()}`)
  }
  return received
}

async function takeAll(
  { gateway, blocks }: Delivery,
  received: Received,
  { report, maxBytes }: RetrieveOptions,
  onFailure: (failure: GatewayFailure) => void,
): Promise<void> {
  let repeated = 0
  try {
    for (;;) {
      const next = await blocks.next().catch((cause: unknown) => ({ done: true, value: undefined, cause }))
      if ('cause' in next) onFailure({ gateway, cause: next.cause })
      if (next.done || !next.value) return
      const { cid, bytes } = next.value
      if (!received.add(next.value)) repeated += cid.bytes.length + bytes.length
      // A block may come wherever it occurs, and in a small DAG that can be for ever.
      if (repeated > maxBytes + repeatable) return onFailure({ gateway, cause: endless(cid) })
      report?.({ doing: `fetching ${received.root.toString()}`, fraction: received.fraction })
    }
  } finally {
    await blocks.return(undefined)
  }
}

/** Bytes that a gateway may send again, beside as many as the file may have. */
const repeatable = 1024 * 1024

function endless(cid: CID): WasmateError {
  return new WasmateError('BLOCK_MISMATCH', `block ${cid.toString()} comes again and again`)
}

/** Who may still be asked for what. */
class Candidates {
  readonly #gateways: string[]
  readonly #out = new Set<string>()
  readonly #failures: GatewayFailure[] = []

  constructor(gateways: string[]) {
    this.#gateways = gateways
  }

  forBlock(wanted: CID): string[] {
    return this.#gateways.filter(
      (gateway) => !this.#out.has(gateway) && !this.#out.has(`${gateway} ${wanted.toString()}`),
    )
  }

  /** Who lied or fell silent is out; who merely lacked a block may have the others. */
  failing(wanted: CID): (failure: GatewayFailure) => void {
    return ({ gateway, cause }) => {
      // The block was the right one: no gateway can make it readable.
      if (codeOf(cause) === 'CODEC_UNSUPPORTED') throw cause
      this.#failures.push({ gateway, cause })
      const isOut = cause instanceof SilenceError || codeOf(cause) === 'BLOCK_MISMATCH'
      this.#out.add(isOut ? gateway : `${gateway} ${wanted.toString()}`)
    }
  }

  allFailed(root: CID): WasmateError {
    const causes = this.#failures.map(({ cause }) => cause)
    const told = this.#failures.map(({ gateway, cause }) => `${gateway}: ${describe(cause)}`)
    const cause = causes.length === 1 ? causes[0] : new AggregateError(causes, 'what each gateway did')
    return new WasmateError('GATEWAYS_FAILED', `${root.toString()} (${told.join('; ') || 'none is named'})`, {
      cause,
    })
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof WasmateError ? error.code : undefined
}

/** Verified blocks of one DAG in memory. */
class Received implements BlockReader {
  readonly root: CID
  readonly #maxBytes: number
  readonly #blocks = new Map<string, Block>()
  #bytes = 0
  #size = 0

  constructor(root: CID, maxBytes: number) {
    this.root = root
    this.#maxBytes = maxBytes
  }

  get fraction(): number {
    return this.#size > 0 ? Math.min(1, this.#bytes / this.#size) : 0
  }

  /** False when it was there already. Throws CONTENT_TOO_LARGE as soon as it is known. */
  add(block: Block): boolean {
    const key = keyOf(block.cid)
    if (this.#blocks.has(key)) return false
    this.#blocks.set(key, block)
    this.#bytes += block.bytes.length
    if (block.cid.equals(this.root)) this.#size = readNode(block).size
    const most = Math.max(this.#size, this.#bytes / 1.1 - 1024 * 1024)
    if (most > this.#maxBytes) throw tooLarge(this.root, Math.ceil(most), this.#maxBytes)
    return true
  }

  async get(cid: CID): Promise<Uint8Array> {
    const bytes = this.#find(cid)
    if (!bytes) throw new WasmateError('CONTENT_NOT_FOUND', `block ${cid.toString()}`)
    return bytes
  }

  /** Depth first: where a gateway that was cut off would have gone on. */
  firstMissing(): CID | undefined {
    const stack = [this.root]
    const walked = new Set<string>()
    for (let cid = stack.pop(); cid; cid = stack.pop()) {
      const bytes = this.#find(cid)
      if (!bytes) return cid
      if (!mayLink(cid) || walked.has(cid.toString())) continue
      walked.add(cid.toString())
      stack.push(...linksOf({ cid, bytes }).reverse())
    }
    return undefined
  }

  #find(cid: CID): Uint8Array | undefined {
    return isIdentity(cid) ? cid.multihash.digest : this.#blocks.get(keyOf(cid))?.bytes
  }
}
