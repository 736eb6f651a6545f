// How the rest of the product talks to an IPFS node: kubo-rpc-client alone, so that any Kubo can take its place.

import type { AddOptions, KuboRPCClient } from 'kubo-rpc-client'
import { WasmateError, describe, isAbort } from '../base/errors.ts'
import type { Context, ImportProfile, Pin } from '../model.ts'
import { parseCid } from './dag/codecs.ts'
import type { FolderFile } from './dag/folder.ts'
import { importProfiles } from './import.ts'

export interface ClientOptions {
  /** URL of the RPC, without /api/v0. */
  kuboUrl: string
}

export interface PinOptions {
  profile: ImportProfile
  /** What the pin is called on the node. */
  name: string
}

/** Every method throws KUBO_UNREACHABLE or KUBO_REFUSED, both with the URL. */
export class ContentClient {
  readonly #url: string
  #client: Promise<KuboRPCClient> | undefined

  constructor({ kuboUrl }: ClientOptions) {
    this.#url = kuboUrl
  }

  /** Adds and pins one file. */
  async pinFile(bytes: Uint8Array, options: PinOptions, { signal }: Context = {}): Promise<Pin> {
    const { cid } = await this.#ask(
      (client) => client.add(bytes, { ...toAddOptions(options), signal }),
      signal,
    )
    return { cid: cid.toString(), size: bytes.length, profile: options.profile }
  }

  /** Adds and pins one directory that holds the files. */
  async pinFolder(
    files: FolderFile[],
    options: PinOptions,
    { signal, report }: Context = {},
  ): Promise<{ cid: string }> {
    const candidates = files.map(({ path, bytes }) => ({ path, content: bytes }))
    return this.#ask(async (client) => {
      const settings = { ...toAddOptions(options), wrapWithDirectory: true, signal }
      let root: string | undefined
      let done = 0
      for await (const { path, cid } of client.addAll(candidates, settings)) {
        if (path === '' || path === cid.toString()) root = cid.toString()
        report?.({ doing: `adding ${path}`, fraction: Math.min(1, ++done / (files.length + 1)) })
      }
      // kubo-rpc-client ends a broken answer like a whole one: without its root nothing was added.
      if (root === undefined) throw new Error('the answer ended before the root')
      return { cid: root }
    }, signal)
  }

  /** Adds one block and pins it with all that it links to. */
  async pinBlock(bytes: Uint8Array, format: string, signal?: AbortSignal): Promise<void> {
    await this.#ask((client) => client.block.put(bytes, { format, version: 1, pin: true, signal }), signal)
  }

  async unpin(cid: string, signal?: AbortSignal): Promise<void> {
    await this.#ask((client) => client.pin.rm(parseCid(cid), { signal }), signal)
  }

  /** Whether the CID itself is pinned recursively. */
  async isPinned(cid: string, signal?: AbortSignal): Promise<boolean> {
    const paths = parseCid(cid)
    return this.#ask(async (client) => {
      try {
        for await (const pin of client.pin.ls({ paths, type: 'recursive', signal })) {
          return pin.cid.equals(paths)
        }
        return false
      } catch (error) {
        if (describe(error).includes('is not pinned')) return false
        throw error
      }
    }, signal)
  }

  /** CIDs that are pinned recursively under exactly this name. */
  async pinsNamed(name: string, signal?: AbortSignal): Promise<string[]> {
    return this.#ask(async (client) => {
      const cids: string[] = []
      // Kubo takes the name for a part of one; an older one gives every pin.
      for await (const pin of client.pin.ls({ name, type: 'recursive', signal })) {
        if (pin.name === name) cids.push(pin.cid.toString())
      }
      return cids
    }, signal)
  }

  /** URL of the gateway that the node itself names in its configuration. */
  async gatewayUrl(signal?: AbortSignal): Promise<string> {
    const address = await this.#ask((client) => client.config.get('Addresses.Gateway', { signal }), signal)
    const [, family, host = '', , port] = typeof address === 'string' ? address.split('/') : []
    if (!port) {
      const detail = `${this.#url} has no gateway: ${JSON.stringify(address)}; name one in wasmate.content.gateways`
      throw new WasmateError('KUBO_REFUSED', detail)
    }
    return `http://${family === 'ip6' ? `[${host}]` : host}:${port}`
  }

  /** Multiaddrs under which other nodes reach this one; the embedded node has none. */
  async addresses(signal?: AbortSignal): Promise<string[]> {
    // Of a node that is offline Kubo says null, and so does the embedded one; the types of the client know none.
    const { addresses }: { addresses: unknown[] | null } = await this.#ask(
      (client) => client.id({ signal }),
      signal,
    )
    return (addresses ?? []).map(String)
  }

  async version(signal?: AbortSignal): Promise<string> {
    const answer = await this.#ask((client) => client.version({ signal }), signal)
    return answer.version
  }

  async #ask<T>(question: (client: KuboRPCClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      this.#client ??= connect(this.#url)
      const client = await this.#client
      return await untilAborted(() => question(client), signal)
    } catch (error) {
      if (signal?.aborted || isAbort(error)) throw new WasmateError('CANCELLED', undefined, { cause: error })
      const code = isAnswer(error) ? 'KUBO_REFUSED' : 'KUBO_UNREACHABLE'
      throw new WasmateError(code, `${this.#url} (${describe(error)})`, { cause: error })
    }
  }
}

/** Loaded when it is first needed: a command that never pins does not wait for it. */
async function connect(url: string): Promise<KuboRPCClient> {
  const { create } = await import('kubo-rpc-client')
  return create({ url: `${url.replace(/\/+$/, '')}/api/v0` })
}

/** Kubo knows no profile in a request: these are the parts of one that it takes. */
function toAddOptions({ profile, name }: PinOptions): AddOptions & { maxFileLinks: number; pinName: string } {
  const { cidVersion, rawLeaves, chunkBytes, maxLinks } = importProfiles[profile]
  return {
    cidVersion,
    rawLeaves,
    chunker: `size-${chunkBytes}`,
    maxFileLinks: maxLinks,
    pin: true,
    pinName: name,
  }
}

/** Node's fetch may not hear an abort once garbage was collected, so waiting ends by itself. */
async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work()
  // Before it is begun: nobody would hear how it ends.
  signal.throwIfAborted()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new DOMException('the request was cancelled', 'AbortError'))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** An answer of Kubo with an error in it, and not the lack of one. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPError'
}
