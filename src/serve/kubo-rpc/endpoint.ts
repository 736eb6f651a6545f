// What an endpoint of the Kubo RPC takes and gives: a call with its arguments and files, and one kind of answer.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { ContentNode } from '../../content/node.ts'
import { type ResolvedPath, resolvePath } from '../../content/dag/walk.ts'
import type { Part } from './multipart.ts'
import { checkOption, parseBoolean, parseWhole } from './request/options.ts'
import { parsePath } from './request/paths.ts'
import { type OptionSpec, globalOptions } from './request/signatures.ts'

export interface Call {
  node: ContentNode
  query: Query
  /** The files of a multipart body, one after the other. */
  parts: () => AsyncGenerator<Part>
  /** Aborted when the client has gone, or when the time is over that it gave. */
  signal: AbortSignal
  /** A CID as the client wants it written (option `cid-base`). */
  show: (cid: CID) => string
}

/** One JSON value, a line of JSON for each value, or bytes as they are. */
export type Answer =
  | { json: unknown }
  | { lines: AsyncIterable<unknown> | Iterable<unknown> }
  | { bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>; type?: string; length?: number }

export type Endpoint = (call: Call) => Promise<Answer>

/** By path below /api/v0. */
export type Endpoints = Readonly<Record<string, Endpoint>>

/**
 * Options as Kubo's clients write them: kebab-case or a short alias, booleans as words, `arg` many times.
 * What no endpoint knows is not looked at, as in Kubo.
 */
export class Query {
  readonly #arguments: string[]
  readonly #values = new Map<string, string[]>()

  /** Throws INPUT_INVALID for a value that is not of its option's type. */
  constructor(url: string, known: ReadonlyMap<string, OptionSpec> = globalOptions) {
    const given = new URL(url, 'http://node').searchParams
    this.#arguments = given.getAll('arg')
    for (const name of new Set(given.keys())) {
      const option = known.get(name)
      const values = given.getAll(name)
      const [canonical] = option?.names ?? [name]
      if (option) checkOption(canonical, option.type, values)
      // Under its own name it counts more than under an alias.
      if (name === canonical || !this.#values.has(canonical)) this.#values.set(canonical, values)
    }
  }

  all(name: string): string[] {
    return name === 'arg' ? this.#arguments : (this.#values.get(name) ?? [])
  }

  /** Arguments that came by another way count like those of the address. */
  addArguments(values: string[]): void {
    for (const value of values) this.#arguments.push(value)
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1)
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name)
    if (value === undefined) return otherwise
    const flag = parseBoolean(value)
    if (flag !== undefined) return flag
    throw new WasmateError('INPUT_INVALID', `option "${name}" is a boolean, not ${JSON.stringify(value)}`)
  }

  /** A whole number. */
  whole(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const number = Number(parseWhole(value) ?? Number.NaN)
    if (Number.isSafeInteger(number)) return number
    throw new WasmateError('INPUT_INVALID', `option "${name}" is a number, not ${JSON.stringify(value)}`)
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const number = this.whole(name)
    if (number === undefined || number >= 0) return number
    throw new WasmateError('INPUT_INVALID', `cannot specify negative ${name}`)
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

/** The one `arg` of an endpoint that takes one; more are not looked at, as in Kubo. */
export function onlyPath(query: Query): string {
  const [path = ''] = query.paths()
  return path
}

/** Throws INPUT_INVALID for what is no path, CONTENT_NOT_FOUND where it leads nowhere. */
export function followPath(node: ContentNode, path: string): Promise<ResolvedPath> {
  const { root, segments } = parsePath(path)
  return resolvePath(node, root, segments)
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
