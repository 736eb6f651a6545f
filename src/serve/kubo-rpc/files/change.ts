// files/mkdir, write, cp, mv, rm, flush, chcid: changes of the mutable file system, each on disk when it is answered.

import { WasmateError } from '../../../base/errors.ts'
import type { CID } from 'multiformats/cid'
import {
  type Operation,
  changeCid,
  copyTo,
  makeFolder,
  moveTo,
  removeFrom,
  writeFile,
} from '../../../content/files/operations.ts'
import type { CidVersion } from '../../../content/files/tree.ts'
import { type Answer, type Call, type Endpoints, type Query, onlyPath, resolveCid } from '../endpoint.ts'
import { kuboWords } from '../reply.ts'
import { isContentPath } from './path.ts'

export const filesChangeEndpoints: Endpoints = {
  'files/mkdir': (call) =>
    change(call, makeFolder(onlyPath(call.query), readVersion(call.query), hasParents(call))),
  'files/write': writeContent,
  'files/cp': copy,
  'files/mv': (call) => change(call, moveTo(...twoPaths(call.query))),
  'files/rm': removeAll,
  'files/flush': async ({ node, query, show }) => {
    const { cid } = await node.files.find(query.text('arg') ?? '/')
    return { json: { Cid: show(cid) } }
  },
  'files/chcid': changeVersion,
}

async function change({ node }: Call, operation: Operation): Promise<Answer> {
  await node.files.change(operation)
  return { lines: [] }
}

async function writeContent(call: Call): Promise<Answer> {
  const { query, parts } = call
  const version = readVersion(query)
  const options = {
    create: query.flag('create', false),
    parents: hasParents(call) ? (version ?? 0) : undefined,
    truncate: query.flag('truncate', false),
    offset: query.count('offset'),
    count: query.count('count'),
    cidVersion: version,
    rawLeaves: query.text('raw-leaves') === undefined ? undefined : query.flag('raw-leaves', false),
  }
  for await (const { content } of parts()) {
    // Awaited: what is left of the body is dropped when this is left.
    const answer = await change(call, writeFile(onlyPath(query), content, options))
    return answer
  }
  throw new WasmateError('INPUT_INVALID', "file argument 'data' is required")
}

async function copy(call: Call): Promise<Answer> {
  const { node, query } = call
  const [from, to] = twoPaths(query)
  const source = isContentPath(from) ? await resolveSource(call, from) : from
  const options = { force: query.flag('force', false), parents: hasParents(call) ? (0 as const) : undefined }
  await node.files.change(copyTo(source, to, options))
  return { lines: [] }
}

async function resolveSource({ node }: Call, path: string): Promise<CID> {
  try {
    const cid = await resolveCid(node, path)
    await node.files.describe(cid)
    return cid
  } catch (error) {
    const isOther = error instanceof WasmateError && error.code === 'CODEC_UNSUPPORTED'
    const words = isOther
      ? 'source must be a valid UnixFS (dag-pb or raw codec)'
      : `cannot get node from path ${path}: ${kuboWords(error)}`
    throw new WasmateError('INPUT_INVALID', `cp: ${words}`, { cause: error })
  }
}

/** All that can go goes; what can't is told of. */
async function removeAll({ node, query }: Call): Promise<Answer> {
  if (!query.flag('flush', true)) {
    const words =
      'files rm always flushes for safety. The --flush flag cannot be set to false for this command'
    throw new WasmateError('INPUT_INVALID', words)
  }
  const options = { recursive: query.flag('recursive', false), force: query.flag('force', false) }
  const failures: string[] = []
  for (const path of query.paths()) {
    try {
      await node.files.change(removeFrom(path, options))
    } catch (error) {
      failures.push(`${path}: ${kuboWords(error)}`)
    }
  }
  return { lines: failures.length === 0 ? [] : tell(failures) }
}

function* tell(failures: string[]): Generator<string> {
  yield* failures
  throw new WasmateError('INPUT_INVALID', "can't remove some files")
}

async function changeVersion(call: Call): Promise<Answer> {
  const path = onlyPath(call.query)
  if (path === '/') {
    const words =
      "cannot change CID format of the MFS root; use 'ipfs config Import.CidVersion' and 'ipfs config Import.HashFunction' instead"
    throw new WasmateError('INPUT_INVALID', words)
  }
  const version = readVersion(call.query)
  return version === undefined ? { lines: [] } : change(call, changeCid(path, version))
}

function hasParents({ query }: Call): boolean {
  return query.flag('parents', false)
}

/** Any other hash than that of every block here is refused. */
function readVersion(query: Query): CidVersion | undefined {
  const hash = query.text('hash')
  if (hash !== undefined && hash !== 'sha2-256') {
    throw new WasmateError('INPUT_INVALID', `hash "${hash}" is not supported by files`)
  }
  const version = query.count('cid-version') ?? (hash === undefined ? undefined : 1)
  if (version === undefined || version === 0 || version === 1) return version
  throw new WasmateError('INPUT_INVALID', `unknown CID version: ${version}`)
}

function twoPaths(query: Query): [from: string, to: string] {
  const [from = '', to = ''] = query.paths()
  return [from, to]
}
