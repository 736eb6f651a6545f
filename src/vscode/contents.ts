// What ipfs: URIs lead to, read from the emulators of this window and verified block by block.

import { setMaxListeners } from 'node:events'
import type { Disposable, Uri } from 'vscode'
import { Kept } from '../base/kept.ts'
import type { BlockReader } from '../content/dag/codecs.ts'
import type { DagScope } from '../content/dag/select.ts'
import type { ContentAddress } from '../content/tree/address.ts'
import type { NamedEntry, TreeEntry } from '../content/tree/tree.ts'
import { namesOf } from './address.ts'
import { WindowBlocks } from './blocks.ts'
import type { Emulators } from './emulators.ts'
import { readSettings } from './settings.ts'

/** Verified blocks that are kept between reads. */
const maxCachedBytes = 32 * 1024 * 1024

/** Blocks that are asked for at one time, to tell what the entries of a folder are. */
const blocksAtOnce = 8

/** Loaded when something is first read: an editor without pinned content pays nothing for it. */
const loadLibraries = async () => ({
  ...(await import('../content/tree/tree.ts')),
  ...(await import('../content/tree/address.ts')),
  ...(await import('../content/tree/cache.ts')),
  ...(await import('../content/retrieval/session.ts')),
  ...(await import('../config.ts')),
})

type Libraries = Awaited<ReturnType<typeof loadLibraries>>

interface Opened {
  libraries: Libraries
  reader: BlockReader
  address: ContentAddress
  maxBytes: number
  signal: AbortSignal
}

/** Everything here throws WasmateError. A read ends when its signal is aborted, or with the extension. */
export class Contents implements Disposable {
  readonly #emulators: Emulators
  readonly #running = new Set<() => void>()
  #isDisposed = false
  readonly #loaded = new Kept(async () => {
    const libraries = await loadLibraries()
    return { libraries, cache: new libraries.BlockCache(maxCachedBytes) }
  })

  constructor(emulators: Emulators) {
    this.#emulators = emulators
  }

  dispose(): void {
    this.#isDisposed = true
    for (const stop of this.#running) stop()
  }

  /** What stands there, links followed. */
  lookUp(uri: Uri, signal?: AbortSignal): Promise<TreeEntry> {
    return this.#open(uri, 'block', signal, ({ libraries, reader, address }) =>
      libraries.lookUp(reader, address),
    )
  }

  /** What is in the folder there. */
  list(uri: Uri, signal?: AbortSignal): Promise<NamedEntry[]> {
    return this.#open(uri, 'block', signal, ({ libraries, reader, address, signal: ending }) =>
      libraries.listFolder(reader, address, ending),
    )
  }

  /** The bytes of the file there. */
  read(uri: Uri, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#open(uri, 'entity', signal, ({ libraries, reader, address, maxBytes, signal: ending }) =>
      libraries.readFileAt(reader, address, maxBytes, ending),
    )
  }

  async #open<T>(
    uri: Uri,
    scope: DagScope,
    outer: AbortSignal | undefined,
    use: (opened: Opened) => Promise<T>,
  ): Promise<T> {
    const stopper = new AbortController()
    const stop = (): void => stopper.abort()
    // Every session listens to it, and every request: Node would take them for a leak.
    setMaxListeners(0, stopper.signal)
    this.#running.add(stop)
    outer?.addEventListener('abort', stop)
    if (outer?.aborted || this.#isDisposed) stop()
    try {
      return await this.#read(uri, scope, stopper.signal, use)
    } finally {
      this.#running.delete(stop)
      outer?.removeEventListener('abort', stop)
    }
  }

  async #read<T>(
    uri: Uri,
    scope: DagScope,
    signal: AbortSignal,
    use: (opened: Opened) => Promise<T>,
  ): Promise<T> {
    const { libraries, cache } = await this.#loaded.get()
    const { cid, segments } = namesOf(uri)
    const address = libraries.makeAddress(cid, segments)
    const maxBytes = readMaxBytes(libraries)
    const ask = { root: address.cid, segments, scope }
    // A file comes as a stream; what a folder holds is looked at block by block.
    const isStream = scope === 'entity'
    const most = isStream ? maxBytes * 1.1 + 1024 * 1024 : Number.MAX_SAFE_INTEGER
    const blocks = new WindowBlocks({
      cache,
      findGateways: () => this.#emulators.gateways(signal),
      openSession: (gateways) =>
        new libraries.RetrievalSession({ ask, store: cache, gateways, routers: [], maxBytes: most, signal }),
      sessions: isStream ? 1 : blocksAtOnce,
    })
    try {
      return await use({ libraries, reader: blocks, address, maxBytes, signal })
    } finally {
      await blocks.close()
    }
  }
}

function readMaxBytes({ parseConfig }: Libraries): number {
  return parseConfig({ content: readSettings(undefined)['content'] }).content.maxFetchBytes
}
