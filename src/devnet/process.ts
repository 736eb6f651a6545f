// The devnet child: started on a free port, ready when it answers JSON-RPC, gone with its parent.

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from '../base/child-process.ts'
import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ProcessIdentity } from '../base/process.ts'
import { Teardown } from '../base/teardown.ts'
import { type Link, createLink } from './link.ts'

export interface ProcessOptions {
  binary: string
  seed: number
  /** How many accounts are predeployed. */
  accounts: number
  /** Timestamp of block 0, in seconds since 1970. */
  startTime: number
  log: Log
  /** Told as soon as there is a process, which is half a second before it serves. */
  onChild: (identity: ProcessIdentity | undefined) => void
}

export interface DevnetProcess {
  child: Child
  port: number
  link: Link
}

const readyMs = 120_000

// starknet-devnet takes each of its options from the environment too: the person's own PORT or
// FORK_NETWORK must not make another chain.
const optionVariables =
  `ACCOUNTS ACCOUNT_CLASS ACCOUNT_CLASS_CUSTOM PREDECLARE_ARGENT INITIAL_BALANCE SEED HOST PORT START_TIME
  TIMEOUT GAS_PRICE GAS_PRICE_FRI DATA_GAS_PRICE DATA_GAS_PRICE_FRI L2_GAS_PRICE L2_GAS_PRICE_FRI CHAIN_ID DUMP_ON
  LITE_MODE PROOF_MODE DUMP_PATH BLOCK_GENERATION_ON STATE_ARCHIVE_CAPACITY FORK_NETWORK FORK_BLOCK
  FORK_UPSTREAM_CACHING RESTRICTIVE_MODE MAXIMUM_CONTRACT_CLASS_SIZE MAXIMUM_CONTRACT_BYTECODE_SIZE
  MAXIMUM_SIERRA_LENGTH METRICS_HOST METRICS_PORT UI`.split(/\s+/)

/** Throws DEVNET_EXITED with its last words when it ends or stays silent; ends it when the signal fires. */
export async function startDevnet(options: ProcessOptions, signal?: AbortSignal): Promise<DevnetProcess> {
  signal?.throwIfAborted()
  const notice = new Teardown()
  let child: Child | undefined
  try {
    const { path, port } = await listenForPort(notice)
    child = await launch(options, path)
    options.onChild(await child.identity())
    const bound = await raceExit(child, port, signal)
    const link = createLink(bound)
    // The port is told when it is bound; only an answer shows that it also serves.
    await raceExit(child, link.post('{"jsonrpc":"2.0","id":0,"method":"starknet_specVersion"}'), signal)
    return { child, port: bound, link }
  } catch (error) {
    await child?.kill()
    throw error
  } finally {
    await notice.run()
  }
}

/** What it said and how it ended, for the error that reports it. */
export async function describeExit(child: Child): Promise<string> {
  const { code, signal } = await child.exited
  const words = child.output().trim()
  return `${signal ? `by ${signal}` : `with code ${code}`}${words ? `: ${words}` : ', without a word'}`
}

function launch({ binary, seed, accounts, startTime, log }: ProcessOptions, socket: string): Promise<Child> {
  const cleared = Object.fromEntries(optionVariables.map((name) => [name, undefined]))
  const flags = { port: 0, host: '127.0.0.1', seed, accounts, 'start-time': startTime, 'chain-id': 'TESTNET' }
  return startChild({
    command: binary,
    args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    env: { ...cleared, UNIX_SOCKET: socket, RUST_LOG: 'error' },
    // Its banner holds the accounts' private keys, and buries what it says when it fails.
    quiet: true,
    onLine: (line) => log.warn(line),
  })
}

/** starknet-devnet writes the port it bound to this socket, as two bytes big-endian. */
async function listenForPort(teardown: Teardown): Promise<{ path: string; port: Promise<number> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-'))
  teardown.defer(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'port')
  const server = createServer()
  const port = new Promise<number>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.once('data', (bytes: Buffer) => {
        if (bytes.length >= 2) resolve(bytes.readUInt16BE(0))
        socket.destroy()
      })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  teardown.defer(() => new Promise((resolve) => server.close(resolve)))
  return { path, port }
}

async function raceExit<T>(child: Child, work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const over = new AbortController()
  const lost = new Promise<never>((_resolve, reject) => {
    void child.exited.then(async () => reject(new WasmateError('DEVNET_EXITED', await describeExit(child))))
    const silent = setTimeout(() => reject(new WasmateError('DEVNET_EXITED', silence(child))), readyMs)
    const abort = (): void => reject(signal?.reason as Error)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    over.signal.addEventListener('abort', () => {
      clearTimeout(silent)
      signal?.removeEventListener('abort', abort)
    })
  })
  try {
    return await Promise.race([work, lost])
  } catch (error) {
    if (error instanceof WasmateError || signal?.aborted) throw error
    throw new WasmateError('DEVNET_EXITED', silence(child), { cause: error })
  } finally {
    over.abort()
  }
}

function silence(child: Child): string {
  return `it runs but does not answer: ${child.output().trim() || 'without a word'}`
}
