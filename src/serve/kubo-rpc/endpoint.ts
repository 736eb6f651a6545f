// What an endpoint of the Kubo RPC takes and gives: a call with its arguments and files, and one kind of answer.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import { type ResolvedPath, resolvePath } from '../../content/dag/walk.ts'
import type { Part } from './multipart.ts'

export interface Call {
  node: ContentNode
  query: Query
  /** The files of a multipart body, one after the other. */
  parts: () => AsyncGenerator<Part>
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

/** One JSON value, a line of JSON for each value, or bytes as they are. */
export type Answer =
  | { json: unknown }
  | { lines: AsyncIterable<unknown> | Iterable<unknown> }
  | { bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>; type?: string; length?: number }

export type Endpoint = (call: Call) => Promise<Answer>

/** By path below /api/v0. */
export type Endpoints = Readonly<Record<string, Endpoint>>

/** Options as Kubo's clients write them: kebab-case, booleans as words, `arg` many times. */
export class Query {
  readonly #values: URLSearchParams

  constructor(url: string) {
    this.#values = new URL(url, 'http://node').searchParams
  }

  all(name: string): string[] {
    return this.#values.getAll(name)
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1)
  }

  /** A flag without a value is set. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name)
    if (value === undefined) return otherwise
    if (value === '' || value === 'true' || value === '1') return true
    if (value === 'false' || value === '0') return false
    throw new WasmateError('INPUT_INVALID', `option "${name}" is a boolean, not ${JSON.stringify(value)}`)
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const number = Number(value)
    if (value !== '' && Number.isSafeInteger(number) && number >= 0) return number
    throw new WasmateError(
      'INPUT_INVALID',
      `option "${name}" is a number from 0, not ${JSON.stringify(value)}`,
    )
  }

  /** Refuses options that are asked for and not supported, so that nobody gets another result than he thinks. */
  refuse(names: string[]): void {
    for (const name of names) {
      if (this.flag(name, false)) throw new WasmateError('INPUT_INVALID', `option "${name}" is not supported`)
    }
  }

  /** Every `arg`; throws as Kubo does when there is none. */
  paths(): string[] {
    const paths = this.all('arg')
    if (paths.length === 0) throw new WasmateError('INPUT_INVALID', 'argument "ipfs-path" is required')
    return paths
  }
}

/** The one `arg` of an endpoint that takes one. */
export function onlyPath(query: Query): string {
  const [path = '', ...more] = query.paths()
  if (more.length > 0)
    throw new WasmateError('INPUT_INVALID', `one argument is expected, not ${more.length + 1}`)
  return path
}

/** `CID`, `CID/path`, or either after /ipfs/. */
export function followPath(node: ContentNode, path: string): Promise<ResolvedPath> {
  const [root = '', ...segments] = path
    .replace(/^\/ipfs\//, '')
    .split('/')
    .filter(Boolean)
  return resolvePath(node, parseCid(root), segments)
}

/** The block that a path leads to; throws CONTENT_NOT_FOUND when it ends inside one. */
export async function resolveCid(node: ContentNode, path: string): Promise<CID> {
  const { cid, rest } = await followPath(node, path)
  if (rest.length === 0) return cid
  throw new WasmateError('CONTENT_NOT_FOUND', `${path} ends inside the block ${cid.toString()}`)
}

/** Links as dag-json writes them. */
export function toLink(cid: CID): { '/': string } {
  return { '/': cid.toString() }
}
