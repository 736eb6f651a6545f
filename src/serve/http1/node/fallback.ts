// The same server on node:http alone: slower, and nothing but what Node itself documents.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { WasmateError } from '../../../base/errors.ts'
import { Exchange } from './exchange.ts'
import { Gather } from '../gather.ts'
import { answerBroken, explainBroken } from './broken.ts'
import { toRefusal } from '../refusal.ts'
import type { Fault, Http1, Http1Options } from '../request.ts'
import { Turns } from './turns.ts'
import { Room } from '../room.ts'
import { findFault, noRoom, parseTarget, tooLarge, tooMany } from '../rules.ts'

export class Fallback implements Http1 {
  readonly #options: Http1Options
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #turns = new WeakMap<Socket, Turns>()
  readonly #room: Room
  #closing: Promise<void> | undefined

  constructor(options: Http1Options) {
    this.#options = options
    const { limits } = options
    this.#room = new Room(limits.maxHeldBytes)
    this.#server = createServer({
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.headersTimeoutMs + limits.bodyTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.ceil(Math.min(500, limits.headersTimeoutMs / 4)),
      joinDuplicateHeaders: true,
      // `findFault` refuses it with a reply like the others.
      requireHostHeader: false,
      noDelay: true,
    })
    this.#server.maxConnections = limits.maxConnections
    // Node drops the headers beyond its limit; one more than ours is let through, to be refused.
    this.#server.maxHeadersCount = limits.maxHeaders + 1
    this.#server.timeout = limits.writeStallMs
    this.#listenTo(this.#server)
  }

  get connections(): number {
    return this.#sockets.size
  }

  async listen(port: number, host: string): Promise<number> {
    if (this.#closing !== undefined) throw new WasmateError('CANCELLED', 'the server was closed')
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: 1024 }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    return (this.#server.address() as AddressInfo).port
  }

  close({ graceMs }: { graceMs: number }): Promise<void> {
    this.#closing ??= this.#drain(graceMs)
    return this.#closing
  }

  async #drain(graceMs: number): Promise<void> {
    // Also those that Node no longer counts, as after a CONNECT.
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMs)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    await closed
    // The server counts sockets as closed a little before these hear of it themselves.
    while (this.#sockets.size > 0) await setImmediate()
    clearTimeout(grace)
  }

  #listenTo(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => this.#take(request, response))
    server.on('checkContinue', (request, response) => this.#take(request, response, true))
    // `take` refuses what else is expected.
    server.on('checkExpectation', (request, response) => this.#take(request, response))
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      const target = parseTarget('CONNECT', request.url ?? '')
      if ('status' in target) answerBroken(socket, this.#refusal(target))
    })
    server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
      const turns = this.#turnsOf(socket)
      // What comes behind a last request is not one (RFC 9112 section 9.6).
      if (error.code === 'HPE_CLOSED_CONNECTION' || turns.isRefused) return
      const fault = explainBroken(error, this.#options.limits)
      const { latest } = turns
      // Replies that are owed go first.
      if (latest?.isComplete === false) this.#refuse(latest, fault, turns)
      else if (latest !== undefined) turns.fault = fault
      else answerBroken(socket, this.#refusal(fault))
    })
    // An idle connection, or a reply that is not taken: a handler may take as long as it likes.
    server.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0 || !this.#turns.get(socket)?.length) socket.destroy()
    })
  }

  #refusal(fault: Fault): ReturnType<typeof toRefusal> {
    return (this.#options.refuse ?? toRefusal)(fault)
  }

  #turnsOf(socket: Socket): Turns {
    const known = this.#turns.get(socket)
    if (known !== undefined) return known
    const { handle, limits } = this.#options
    const turns = new Turns(socket, handle, limits.maxPipelined, this.#room.share())
    this.#turns.set(socket, turns)
    return turns
  }

  #take(request: IncomingMessage, response: ServerResponse, expectsContinue = false): void {
    const { socket } = request
    const turns = this.#turnsOf(socket)
    // A refusal is the last reply of its connection.
    if (turns.isRefused) return void request.resume()
    const exchange = new Exchange(request, response, {
      beforeReply: (replied) => {
        turns.remove(replied)
        if (this.#closing !== undefined && turns.length === 0) response.shouldKeepAlive = false
        const { fault } = turns
        if (fault === undefined || turns.length > 0) return
        response.once('finish', () => answerBroken(socket, this.#refusal(fault)))
      },
      afterReply: () => turns.sent(),
    })
    // Node 20 reads nothing more behind an Upgrade that nobody takes, not even the next request.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    turns.add(exchange)
    const target = parseTarget(exchange.method, request.url ?? '')
    const fault = 'status' in target ? target : this.#findFault(request)
    if (fault !== undefined) return this.#refuse(exchange, fault, turns)
    if ('target' in target) exchange.setTarget(target)
    if (expectsContinue) response.writeContinue()
    this.#collect(exchange, request, turns)
  }

  #findFault({
    headers,
    rawHeaders,
    httpVersionMajor,
    httpVersionMinor,
  }: IncomingMessage): Fault | undefined {
    const { maxHeaders, maxBodyBytes } = this.#options.limits
    if (httpVersionMajor !== 1) return { status: 505, detail: 'HTTP/1.0 and HTTP/1.1 are spoken here' }
    if (rawHeaders.length > 2 * maxHeaders) return tooMany(maxHeaders)
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
    const facts = {
      minor: httpVersionMinor,
      hosts,
      host: headers.host ?? '',
      expect: headers.expect,
      coding: headers['transfer-encoding'],
      contentLength: Number(headers['content-length'] ?? 0),
    }
    return findFault(facts, maxBodyBytes)
  }

  #collect(exchange: Exchange, request: IncomingMessage, turns: Turns): void {
    const { maxBodyBytes, maxHeldBytes } = this.#options.limits
    const body = new Gather()
    request.on('data', (part: Buffer) => {
      if (exchange.replied) return
      if (body.length + part.length > maxBodyBytes) this.#refuse(exchange, tooLarge(maxBodyBytes), turns)
      else if (!turns.share.take(part.length)) this.#refuse(exchange, noRoom(maxHeldBytes), turns)
      else body.append(part)
    })
    request.on('end', () => {
      exchange.body = body.take()
      exchange.isWhole = true
      turns.run()
    })
    // Ends in `close` of the response, which tells the exchange.
    request.on('error', () => undefined)
  }

  #refuse(exchange: Exchange, fault: Fault, turns: Turns): void {
    turns.isRefused = true
    const { head, body } = this.#refusal(fault)
    exchange.refuse(head, body)
  }
}
