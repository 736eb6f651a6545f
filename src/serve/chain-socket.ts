// WebSocket in front of the chain: writes go the same way as over HTTP, the rest goes to the child's own socket.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocket, WebSocketServer } from 'ws'
import { WasmateError, toProblem } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { readCalls } from '../devnet/calls.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { refuseForeign } from './http.ts'

export interface ChainSocketOptions {
  devnet: Devnet
  /** Largest message in bytes. */
  maxBodyBytes: number
  log: Log
}

// RFC 6455 section 7.4.1: 1012 tells a client to connect again, because the service restarts.
const serviceRestart = 1012

/** Answers upgrades to /ws until the server closes. A client whose child has gone is told to come again. */
export function attachChainSocket(http: FastifyInstance, options: ChainSocketOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxBodyBytes })
  http.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    accept(request, options).then(
      (upstream) => {
        socket.once('close', () => upstream.terminate())
        if (socket.destroyed) upstream.terminate()
        else sockets.handleUpgrade(request, socket, head, (client) => join(client, upstream, options))
      },
      (error: unknown) => refuse(socket, error),
    )
  })
  http.addHook('preClose', async () => {
    for (const client of sockets.clients) client.terminate()
    sockets.close()
  })
}

/** Gives a connected socket to the child; throws when this client or this moment is not fit for one. */
async function accept(
  request: IncomingMessage,
  { devnet, maxBodyBytes }: ChainSocketOptions,
): Promise<WebSocket> {
  refuseForeign(request, true)
  if (request.url?.split('?')[0] !== '/ws')
    throw new WasmateError('ROUTE_NOT_FOUND', `WebSocket ${request.url}`)
  const { url, gone } = await devnet.webSocket()
  const upstream = new WebSocket(url, { maxPayload: Math.max(maxBodyBytes, 64 * 1024 * 1024) })
  void gone.then(() => upstream.terminate())
  await new Promise<void>((resolve, reject) => {
    upstream.once('open', resolve)
    // The child may be gone before its exit is known.
    upstream.once('error', (error) =>
      reject(new WasmateError('CHAIN_NOT_READY', error.message, { cause: error })),
    )
  })
  return upstream
}

function join(client: WebSocket, upstream: WebSocket, { devnet, log }: ChainSocketOptions): void {
  client.on('message', (data: Buffer) => {
    const text = data.toString()
    if (isForChild(text)) upstream.send(text)
    else void devnet.request(text).then(({ body }) => client.send(body))
  })
  client.on('error', (error) => log.debug(`WebSocket client: ${error.message}`))
  upstream.on('message', (data: Buffer) => client.send(data.toString()))
  upstream.on('error', (error) => log.debug(`WebSocket of the chain: ${error.message}`))
  const release = (): void => client.close(serviceRestart, 'the chain restarts')
  if (upstream.readyState === WebSocket.OPEN) upstream.once('close', release)
  else release()
}

function isForChild(text: string): boolean {
  try {
    return readCalls(text).calls.every(({ kind }) => kind === 'read')
  } catch {
    // Not JSON: the child says so in its own words.
    return true
  }
}

function refuse(socket: Duplex, error: unknown): void {
  const problem = toProblem(error)
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.code}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
