// The files of a multipart body as a stream of parts, one after the other, never held in memory.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { WasmateError, describe } from '../../base/errors.ts'
import { createChannel } from './channel.ts'

export interface Part {
  /** As the client names it, decoded; empty when it names none. */
  path: string
  /** Media type: application/x-directory and application/symlink stand for what they say. */
  type: string
  /** Must be read to its end before the next part comes. */
  content: AsyncIterable<Uint8Array>
}

/** Throws INPUT_INVALID for a body that is not multipart, is empty or breaks off, BODY_TOO_LARGE over `maxBytes`. */
export async function* readParts(request: IncomingMessage, maxBytes: number): AsyncGenerator<Part> {
  const body = new MultipartBody(request, maxBytes)
  let count = 0
  try {
    for await (const part of body.parts) {
      count += 1
      yield { ...part, path: decodePath(part.path), content: readContent(part.content) }
    }
  } finally {
    body.drop()
  }
  if (count === 0) throw new WasmateError('INPUT_INVALID', 'expected a file argument')
}

class MultipartBody {
  readonly parts = createChannel<Part>()
  readonly #request: IncomingMessage
  readonly #parser: BusboyInstance
  #current: Readable | undefined
  #isDone = false

  constructor(request: IncomingMessage, maxBytes: number) {
    this.#request = request
    this.#parser = createParser(request)
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) this.#fail(new WasmateError('BODY_TOO_LARGE', `more than ${maxBytes} bytes`))
    })
    request.once('close', () => {
      if (!request.complete) this.#fail(invalid('it breaks off'))
    })
    this.#parser.on('file', (_field, content, filename, _encoding, type) => {
      this.#current = content
      // Its reader gets the error as well; this keeps it from being one that nobody heard.
      content.on('error', (error) => this.#fail(error))
      this.parts.push({ path: filename ?? '', type, content })
    })
    this.#parser.once('finish', () => this.#finish())
    this.#parser.on('error', (error) => this.#fail(error))
    request.pipe(this.#parser)
  }

  /** What is left of the body is read and forgotten, so that the client gets to read the answer. */
  drop(): void {
    this.#fail(invalid('the rest of it is not wanted'))
  }

  #finish(): void {
    this.#isDone = true
    this.parts.close()
  }

  #fail(error: unknown): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#request.unpipe(this.#parser)
    this.#request.resume()
    const reason = error instanceof WasmateError ? error : invalid(describe(error))
    this.parts.close(reason)
    this.#current?.destroy(reason)
  }
}

function createParser(request: IncomingMessage): BusboyInstance {
  const { 'content-type': type = '', ...headers } = request.headers
  if (!type.startsWith('multipart/form-data')) throw invalid(`content type ${JSON.stringify(type)}`)
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      preservePath: true,
      isPartAFile: () => true,
    })
  } catch (error) {
    throw invalid(describe(error))
  }
}

/** A file that breaks off is the fault of the body, whoever reads it. */
async function* readContent(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch (error) {
    throw error instanceof WasmateError ? error : invalid(describe(error))
  }
}

/** Kubo's clients escape file names as in a query: a plus is a space. */
function decodePath(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    // What is not escaped is meant as it stands, as in Kubo.
    return name
  }
}

function invalid(reason: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `multipart body: ${reason}`)
}

/** A part as one piece, of at most `maxBytes`. */
export async function readWhole(content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) throw new WasmateError('BODY_TOO_LARGE', `a part of more than ${maxBytes} bytes`)
  }
  return Buffer.concat(chunks)
}
