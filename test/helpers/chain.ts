// A devnet of one test file, and a door in front of it that a test can shut.

import { spawn } from 'node:child_process'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { devnetPath } from './devnet.ts'

export interface ChainAccount {
  address: string
  privateKey: string
}

export interface Chain {
  port: number
  rpcUrl: string
  wsUrl: string
  accounts: ChainAccount[]
  /** One JSON-RPC request; throws what the chain refused it with. */
  request(method: string, params?: unknown): Promise<unknown>
  stop(): Promise<void>
}

/** Starts a devnet with three accounts on a free port; it is killed when the test process ends as well. */
export async function startChain(...args: string[]): Promise<Chain> {
  const options = ['--port', '0', '--accounts', '3', '--seed', '42', ...args]
  const child = spawn(await devnetPath(), options, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RUST_LOG: 'info', NO_COLOR: '1' },
  })
  const end = (): boolean => child.kill('SIGKILL')
  process.once('exit', end)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`starknet-devnet ended with ${code}`)))
    createInterface(child.stdout).on('line', (line) => {
      const found = /listening on [\d.]+:(\d+)/.exec(line)?.[1]
      if (found) resolve(Number(found))
    })
  })
  const rpcUrl = `http://127.0.0.1:${port}/rpc`
  const stop = async (): Promise<void> => {
    process.removeListener('exit', end)
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    end()
    await exited
  }
  const request = (method: string, params?: unknown): Promise<unknown> => ask(rpcUrl, method, params)
  const accounts = await readAccounts(request)
  return { port, rpcUrl, wsUrl: `ws://127.0.0.1:${port}/ws`, accounts, request, stop }
}

async function readAccounts(request: Chain['request']): Promise<ChainAccount[]> {
  const listed = (await request('devnet_getPredeployedAccounts')) as {
    address: string
    private_key: string
  }[]
  return listed.map(({ address, private_key: privateKey }) => ({ address, privateKey }))
}

async function ask(rpcUrl: string, method: string, params: unknown): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: params ?? {} }),
  })
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (answer.error) throw new Error(JSON.stringify(answer.error))
  return answer.result
}

export interface Door {
  rpcUrl: string
  wsUrl: string
  /** Cuts every connection and refuses new ones. */
  shut(): Promise<void>
  open(): Promise<void>
  /** The next request reaches the chain, but its answer is cut off. */
  loseNextAnswer(): void
  close(): Promise<void>
}

/** A TCP relay to the chain, open at first. */
export async function openDoor(chain: Chain): Promise<Door> {
  const sockets = new Set<Socket>()
  let losing = false
  const server = createServer((near) => {
    const far = connect(chain.port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => {
      if (losing) near.destroy()
      else near.write(data)
      losing = false
    })
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const shut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    rpcUrl: `http://127.0.0.1:${port}/rpc`,
    wsUrl: `ws://127.0.0.1:${port}/ws`,
    shut,
    open: () => listen(port),
    loseNextAnswer: () => void (losing = true),
    close: shut,
  }
}
