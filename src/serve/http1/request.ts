// What the two HTTP/1.1 servers of this folder promise alike: a whole request comes in, one reply goes out.

import type { Head } from './head.ts'

export interface Http1Limits {
  /** Largest request body in bytes; more is a 413. */
  maxBodyBytes: number
  /** Most bytes of bodies, in receipt or in hand, that are held for all connections together; more is a 503. */
  maxHeldBytes: number
  /** Largest request line and header section together, in bytes; more is a 414 or a 431. */
  maxHeaderBytes: number
  /** Most header fields of a request; more is a 431. */
  maxHeaders: number
  /** From the first byte of a request to the end of its headers; later is a 408. */
  headersTimeoutMs: number
  /** From the end of the headers to the end of the body; later is a 408. */
  bodyTimeoutMs: number
  /** How long a connection without a request is kept; it is then closed without a word. */
  idleTimeoutMs: number
  /** How long a client may take nothing of a reply (of a large one: 256 KiB) before it is dropped. */
  writeStallMs: number
  /** Most requests of one connection that are being answered at a time. */
  maxPipelined: number
  /** Most connections; further ones are closed as they come. */
  maxConnections: number
}

export interface Http1Options {
  /** Called once a request, when all of it is there. What it throws becomes a 500. */
  handle(request: Http1Request): void
  limits: Http1Limits
  /** `llhttp` on node:net, or node:http. */
  parser: 'llhttp' | 'node'
  /** Words a request that never reaches `handle`; by default problem+json (RFC 9457). */
  refuse?: (fault: Fault) => Refusal
}

export interface Http1Request {
  readonly method: string
  /** Path and query as sent; `*` for `OPTIONS *`. An absolute target is taken apart (RFC 9112 section 3.2.2). */
  readonly target: string
  /** Whole, and often a view on the bytes that came in: copy what is to be transferred to another thread. */
  readonly body: Uint8Array
  /**
   * A header by its lower-case name; several of one name are joined with commas (RFC 9110 section 5.3).
   * `host` is that of an absolute target, if the target is one.
   */
  header(name: string): string | undefined
  /** All headers, names in lower case. */
  headers(): Record<string, string>
  /** Calls the listener (one a request), once, when the client goes away before it has been replied to. */
  onGone(listener: () => void): void
  /** Once a request; the body must not change any more. Nothing happens when the client is gone. */
  reply(head: Head, body: Uint8Array | string): void
}

export interface Http1 {
  /** Gives the port; 0 asks for any free one. */
  listen(port: number, host: string): Promise<number>
  /**
   * Takes no new connection, closes the idle ones, lets requests in hand be answered with `Connection: close`,
   * and destroys what is left after `graceMs`. Legal in any state, any number of times.
   */
  close(options: { graceMs: number }): Promise<void>
  readonly connections: number
}

/** Why a request goes no further, in words for its sender. */
export interface Fault {
  readonly status: number
  readonly detail: string
}

export interface Refusal {
  readonly head: Head
  readonly body: string
}

/** Methods whose pipelined requests may run side by side (RFC 9110 section 9.2.1, RFC 9112 section 9.3.2). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
