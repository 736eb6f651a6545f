// starknet.js, loaded when it is first needed (150 ms), and its provider for one RPC endpoint.

import { WebSocket } from 'ws'
import type { LibraryError, RpcProvider } from 'starknet'

export type Starknet = typeof import('starknet')

let loading: Promise<Starknet> | undefined

export function loadStarknet(): Promise<Starknet> {
  loading ??= load()
  return loading
}

/** Hashing and signing take ten times as long when they run for the first time: that time is spent ahead of need. */
export async function warmStarknet(): Promise<void> {
  const { ec, hash } = await loadStarknet()
  const felts = Array.from({ length: 16 }, (_, index) => index)
  for (let round = 0; round < warmUpRounds; round++) {
    ec.starkCurve.sign(hash.computePoseidonHashOnElements(felts), '0x1')
    // What waits meanwhile goes first.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const warmUpRounds = 10

async function load(): Promise<Starknet> {
  // It takes the global WebSocket while it loads. Node 20 has none, and with one that is only passed in
  // its WebSocketChannel never believes that it is connected.
  if (!('WebSocket' in globalThis)) Object.assign(globalThis, { WebSocket })
  const starknet = await import('starknet')
  starknet.logger.setLogLevel('OFF')
  return starknet
}

/** A restarted devnet holds back its answers while it re-executes its history. */
const requestTimeoutMs = 60_000

/** A provider whose requests fail as `isConnectionLost` tells when no JSON came back, or the signal aborted. */
export function connectProvider(starknet: Starknet, rpcUrl: string, signal?: AbortSignal): RpcProvider {
  const baseFetch: typeof fetch = async (input, init) => {
    const ending = new AbortController()
    const end = (): void => ending.abort()
    const timer = setTimeout(end, requestTimeoutMs)
    signal?.addEventListener('abort', end)
    try {
      signal?.throwIfAborted()
      const response = await fetch(input, { ...init, signal: ending.signal })
      const body = await response.text()
      if (response.status >= 500) throw new Error(`HTTP ${response.status}: ${body.slice(0, 200)}`)
      return new Response(body, { status: response.status })
    } catch (error) {
      throw connectionLost(new starknet.LibraryError(`${rpcUrl} does not answer`), error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    }
  }
  return new starknet.RpcProvider({ nodeUrl: rpcUrl, baseFetch, blockIdentifier: 'latest' })
}

const lost = new WeakSet<Error>()

// Any other error than its own the library replaces by a copy of the message.
function connectionLost(error: LibraryError, cause: unknown): LibraryError {
  error.cause = cause
  lost.add(error)
  return error
}

/** True when it is not known whether the request arrived. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && lost.has(error)
}
