// The llhttp server: node:net, one connection object a socket, one timer for all timeouts.

import { type AddressInfo, type Server, createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { WasmateError } from '../../base/errors.ts'
import { Connection } from './connection.ts'
import { type Llhttp, loadLlhttp } from './llhttp.ts'
import { Room } from './room.ts'
import { toRefusal } from './refusal.ts'
import type { Http1, Http1Limits, Http1Options } from './request.ts'
import type { Shared } from './shared.ts'

export class Front implements Http1 {
  readonly #options: Http1Options
  #server: Server | undefined
  #shared: Shared | undefined
  #sweeps: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(options: Http1Options) {
    this.#options = options
  }

  get connections(): number {
    return this.#shared?.connections.size ?? 0
  }

  async listen(port: number, host: string): Promise<number> {
    if (this.#closing !== undefined) throw new WasmateError('CANCELLED', 'the server was closed')
    const shared = share(this.#options, loadLlhttp())
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (shared.draining) socket.destroy()
      else new Connection(shared, socket)
    })
    server.maxConnections = shared.limits.maxConnections
    this.#server = server
    this.#shared = shared
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host, backlog: 1024 }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    // A connection that could not be accepted is its client's loss alone.
    server.on('error', () => undefined)
    this.#sweeps = setInterval(() => sweep(shared), sweepMs(shared.limits)).unref()
    return (server.address() as AddressInfo).port
  }

  close(options: { graceMs: number }): Promise<void> {
    this.#closing ??= this.#drain(options.graceMs)
    return this.#closing
  }

  async #drain(graceMs: number): Promise<void> {
    const server = this.#server
    const shared = this.#shared
    if (server === undefined || shared === undefined) return
    shared.draining = true
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const connection of shared.connections) connection.drain()
    const grace = setTimeout(() => {
      for (const connection of shared.connections) connection.destroy()
    }, graceMs)
    await closed
    // The server counts sockets as closed a little before these hear of it themselves.
    while (shared.connections.size > 0) await setImmediate()
    clearTimeout(grace)
    clearInterval(this.#sweeps)
  }
}

function share(options: Http1Options, llhttp: Llhttp): Shared {
  return {
    limits: options.limits,
    llhttp,
    handle: options.handle,
    refuse: options.refuse ?? toRefusal,
    connections: new Set(),
    room: new Room(options.limits.maxHeldBytes),
    now: performance.now(),
    date: new Date().toUTCString(),
    draining: false,
  }
}

function sweep(shared: Shared): void {
  shared.now = performance.now()
  const date = new Date().toUTCString()
  // The same text stays the same string: heads that were put together with it are good as they are.
  if (date !== shared.date) shared.date = date
  for (const connection of shared.connections) connection.sweep()
}

/** Often enough for the shortest timeout to be no more than a quarter late. */
function sweepMs(limits: Http1Limits): number {
  const { headersTimeoutMs, bodyTimeoutMs, idleTimeoutMs, writeStallMs } = limits
  const shortestMs = Math.min(headersTimeoutMs, bodyTimeoutMs, idleTimeoutMs, writeStallMs)
  return Math.ceil(Math.min(500, shortestMs / 4))
}
