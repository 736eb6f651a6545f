// starknet.js, loaded when it is first needed (150 ms), its provider for one RPC endpoint, and the look at that
// endpoint before it is asked anything: does it speak our version, is it the chain that is meant?

import { setMaxListeners } from 'node:events'
import { WebSocket } from 'ws'
import type { LibraryError, RpcProvider, RpcProviderOptions } from 'starknet'
import { WasmateError } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import { fromShortString, toShortString } from './decode.ts'

export type Starknet = typeof import('starknet')
type RpcVersion = NonNullable<RpcProviderOptions['specVersion']>

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

/** A provider whose requests fail as `isConnectionLost` tells when no JSON-RPC came back, or the signal aborted. */
export function connectProvider(
  starknet: Starknet,
  rpcUrl: string,
  signal?: AbortSignal,
  specVersion?: RpcVersion,
): RpcProvider {
  const baseFetch: typeof fetch = async (input, init) => {
    const ending = new AbortController()
    const end = (): void => ending.abort(signal?.reason)
    const late = new Error(`no answer within ${requestTimeoutMs / 1_000} s`)
    const timer = setTimeout(() => ending.abort(late), requestTimeoutMs)
    signal?.addEventListener('abort', end)
    try {
      signal?.throwIfAborted()
      const response = await fetch(input, { ...init, signal: ending.signal })
      return readAnswer(rpcUrl, response, await response.text())
    } catch (error) {
      throw connectionLost(new starknet.LibraryError(`${nameEndpoint(rpcUrl)} does not answer`), error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    }
  }
  return new starknet.RpcProvider({
    ...{ nodeUrl: rpcUrl, baseFetch, blockIdentifier: 'latest' },
    ...(specVersion && { specVersion }),
  })
}

/** What the library reads of a response: its status, and JSON that is known to be JSON-RPC 2.0 (section 5). */
function readAnswer(rpcUrl: string, { status, headers }: Response, body: string): Response {
  if (status >= 500 || status === 429) throw new Error(`HTTP ${status}: ${excerpt(body)}`)
  const answer = parseAnswer(body)
  if (answer === undefined) {
    const type = headers.get('content-type') ?? 'no content type'
    const what = `HTTP ${status}, ${type}: ${excerpt(body) || 'nothing'}`
    throw new WasmateError(
      'RPC_REFUSED',
      `${nameEndpoint(rpcUrl)} does not answer as a Starknet RPC does (${what})`,
    )
  }
  return Object.assign(new Response(undefined, { status }), { json: () => Promise.resolve(answer) })
}

/** `undefined` when it is something else: a web page, a proxy's word, half of an answer. */
function parseAnswer(body: string): object | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer !== 'object' || answer === null) return undefined
    if ('result' in answer) return answer
    const error = 'error' in answer ? answer.error : undefined
    return typeof error === 'object' && error !== null && 'code' in error ? answer : undefined
  } catch {
    // Not JSON: the same.
    return undefined
  }
}

/** The URL without what may be a key of its owner: errors are shown, logged and passed on. */
function nameEndpoint(rpcUrl: string): string {
  const { origin, pathname } = new URL(rpcUrl)
  return origin + pathname.replace(/[^/]{16,}/g, '…')
}

function excerpt(body: string): string {
  return printable(body.replace(/\s+/g, ' ').trim(), 200)
}

const lost = new WeakSet<Error>()

// Any other error than its own the library replaces by a copy of the message.
function connectionLost(error: LibraryError, cause: unknown): LibraryError {
  error.cause = cause
  lost.add(error)
  return error
}

/** True when it is not known whether the request arrived. */
export function isConnectionLost(error: unknown): error is Error {
  return error instanceof Error && lost.has(error)
}

export interface Endpoint {
  rpcUrl: string
  /** The chain that is meant, as `starknet_chainId` gives it or its text (SN_SEPOLIA); absent: whichever it is. */
  chainId?: string
  /** Ends every request that is under way, which then throws CANCELLED. */
  signal?: AbortSignal
}

/** Versions of the Starknet JSON-RPC specification that the library has a channel for; patches do not matter. */
const supported = { '0.9': '0.9.0', '0.10': '0.10.4' } as const

/**
 * Asks for the version and the chain at one time. Throws RPC_VERSION, CHAIN_ID_MISMATCH, CONFIG_INVALID for a URL
 * with a password, or as the provider does.
 */
export async function openConnection({
  rpcUrl,
  chainId,
  signal,
}: Endpoint): Promise<{ starknet: Starknet; provider: RpcProvider }> {
  refuseCredentials(rpcUrl)
  // Each request listens to it.
  if (signal) setMaxListeners(0, signal)
  const starknet = await loadStarknet()
  const provider = connectProvider(starknet, rpcUrl, signal)
  const [version, found] = await Promise.all([provider.getSpecVersion(), provider.getChainId()])
  const specVersion = readVersion(rpcUrl, version)
  checkChain(rpcUrl, found, chainId)
  if (specVersion === supported['0.10']) return { starknet, provider }
  const older = connectProvider(starknet, rpcUrl, signal, specVersion)
  older.channel.setChainId(found)
  return { starknet, provider: older }
}

/** Node's fetch refuses them, and shows them. */
function refuseCredentials(rpcUrl: string): void {
  const { username, password } = new URL(rpcUrl)
  if (username === '' && password === '') return
  const detail = `rpcUrl ${nameEndpoint(rpcUrl)} has a user name or password in it, which are not sent`
  throw new WasmateError('CONFIG_INVALID', detail)
}

function readVersion(rpcUrl: string, version: unknown): (typeof supported)[keyof typeof supported] {
  const [, family = ''] = /^v?(\d+\.\d+)\b/.exec(String(version)) ?? []
  if (family === '0.9' || family === '0.10') return supported[family]
  const known = Object.keys(supported).join(' and ')
  throw new WasmateError(
    'RPC_VERSION',
    `${nameEndpoint(rpcUrl)} speaks ${shorten(version)}; supported are ${known}`,
  )
}

function checkChain(rpcUrl: string, found: unknown, wanted: string | undefined): void {
  if (typeof found !== 'string' || !isFelt(found)) {
    throw new WasmateError(
      'RPC_REFUSED',
      `${nameEndpoint(rpcUrl)} gives ${shorten(found)} for the id of its chain`,
    )
  }
  if (wanted === undefined || toFelt(wanted) === BigInt(found)) return
  const detail = `${nameEndpoint(rpcUrl)} serves ${nameChain(found)}, and ${nameChain(wanted)} is meant`
  throw new WasmateError('CHAIN_ID_MISMATCH', detail)
}

function isFelt(text: string): boolean {
  return /^0x[0-9a-f]{1,64}$/i.test(text)
}

function toFelt(chainId: string): bigint {
  if (chainId === '') return 0n
  return BigInt(isFelt(chainId) ? chainId : fromShortString(chainId))
}

/** `SN_SEPOLIA (0x534e5f5345504f4c4941)`: either may be what a person knows it by. */
function nameChain(chainId: string): string {
  const felt = toFelt(chainId)
  return `${toShortString(felt).replace(/[^ -~]/g, '?')} (0x${felt.toString(16)})`
}

/** What a stranger sent, short enough to be shown. */
function shorten(value: unknown): string {
  return printable(JSON.stringify(value) ?? 'nothing', 60)
}
