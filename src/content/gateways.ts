// Asks several trustless gateways for one DAG at once; the first that proves itself by a good block goes on.

import type { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../base/errors.ts'
import { carMediaType } from './car.ts'
import type { Block } from './dag/codecs.ts'
import { verifyCar } from './verified.ts'

export interface GatewayLimits {
  /** A gateway that has sent nothing good for so long is given up. */
  silenceMs: number
  signal?: AbortSignal
}

export interface GatewayFailure {
  gateway: string
  cause: unknown
}

export interface Delivery {
  gateway: string
  /** Verified, depth first; throws when the gateway fails in the middle. */
  blocks: AsyncGenerator<Block>
}

/** The cause of giving a gateway up that stayed silent or was far too slow. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
}

interface Runner {
  gateway: string
  first: Block
  rest: AsyncGenerator<Block>
  watch: Watch
}

/** Gives the winner, or `undefined` when every gateway has failed. Failures go to `onFailure`. */
export async function raceGateways(
  root: CID,
  gateways: string[],
  limits: GatewayLimits,
  onFailure: (failure: GatewayFailure) => void,
): Promise<Delivery | undefined> {
  const race = { isOver: false }
  const entrants = gateways.map((gateway) => ({ gateway, watch: new Watch(limits) }))
  const runners = entrants.map(async ({ gateway, watch }) => {
    try {
      return await startRunner(root, gateway, watch)
    } catch (cause) {
      watch.end()
      // A loser is cut off by us: that is no failure of its own.
      if (!race.isOver) onFailure({ gateway, cause: watch.explain(cause) })
      throw cause
    }
  })
  // Each failure was told already; all of them together is no winner.
  const winner = await Promise.any(runners).catch(() => undefined)
  race.isOver = true
  for (const { watch } of entrants) if (watch !== winner?.watch) watch.end()
  return winner && { gateway: winner.gateway, blocks: deliver(winner) }
}

async function startRunner(root: CID, gateway: string, watch: Watch): Promise<Runner> {
  const asking = fetch(carUrl(gateway, root), {
    headers: { accept: `${carMediaType}; version=1; order=dfs; dups=n` },
    signal: watch.signal,
    // A redirect would lead to a host that nobody named.
    redirect: 'error',
  })
  const response = await watch.orEnd(asking)
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new Error(`HTTP ${response.status}`)
  }
  const rest = verifyCar(root, counted(response.body, watch))
  const first: IteratorResult<Block, unknown> = await rest.next()
  if (first.done) throw new WasmateError('CAR_INVALID', `it ends before block ${root.toString()}`)
  watch.goodBlock()
  return { gateway, first: first.value, rest, watch }
}

async function* counted(body: ReadableStream<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  // The same for a stream that has failed: there is nothing left to cancel then.
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  watch.signal.addEventListener('abort', cancel, { once: true })
  try {
    for (;;) {
      const { value, done } = await reader.read()
      watch.signal.throwIfAborted()
      if (done) return
      watch.received(value.length)
      yield value
    }
  } finally {
    watch.signal.removeEventListener('abort', cancel)
    cancel()
  }
}

async function* deliver({ first, rest, watch }: Runner): AsyncGenerator<Block> {
  try {
    yield first
    for await (const block of rest) {
      watch.goodBlock()
      yield block
    }
  } catch (cause) {
    throw watch.explain(cause)
  } finally {
    watch.end()
  }
}

function carUrl(gateway: string, root: CID): string {
  const query = 'format=car&dag-scope=all&car-version=1&car-order=dfs&car-dups=n'
  return `${gateway.replace(/\/+$/, '')}/ipfs/${root.toString()}?${query}`
}

/** Slower than this within a block counts as silence, so that a drip does not hold a fetch for ever. */
const minBytesPerMs = 16

/**
 * Ends a request when its gateway stays silent, or when nobody wants it any more. Node's fetch holds what follows
 * its signal weakly : after a garbage collection an abort may go unheard, so
 * waiting ends here by itself.
 */
class Watch {
  readonly signal: AbortSignal
  readonly #ended = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #silenceMs: number
  #goodAt = performance.now()
  #byteAt = performance.now()
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #silent = false

  constructor({ silenceMs, signal }: GatewayLimits) {
    this.signal = this.#ended.signal
    this.#outer = signal
    this.#silenceMs = silenceMs
    this.#wait()
    signal?.addEventListener('abort', this.end, { once: true })
    if (signal?.aborted) this.end()
  }

  goodBlock(): void {
    this.#goodAt = performance.now()
    this.#bytes = 0
  }

  received(bytes: number): void {
    this.#byteAt = performance.now()
    this.#bytes += bytes
  }

  readonly end = (): void => {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.end)
    this.#ended.abort()
  }

  /** What the promise gives, or the abort that comes before. */
  async orEnd(asking: Promise<Response>): Promise<Response> {
    const { signal } = this
    let stop = (): void => undefined
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(new Error('the request was ended'))
      signal.addEventListener('abort', stop, { once: true })
    })
    try {
      return await Promise.race([asking, ended])
    } catch (error) {
      // An answer that comes too late is not read.
      void asking.then((response) => response.body?.cancel()).catch(() => undefined)
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  explain(cause: unknown): unknown {
    if (this.#silent) return new SilenceError(`nothing good came for ${this.#silenceMs} ms`, { cause })
    return cause instanceof WasmateError ? cause : new Error(describe(cause), { cause })
  }

  #wait(): void {
    const block = this.#goodAt + this.#bytes / minBytesPerMs
    const leftMs = Math.min(block, this.#byteAt) + this.#silenceMs - performance.now()
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#wait(), leftMs)
    } else {
      this.#silent = true
      this.#ended.abort()
    }
  }
}
