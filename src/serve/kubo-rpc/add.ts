// add: files, directories and symbolic links from a multipart body to UnixFS.

import { WasmateError } from '../../base/errors.ts'
import { type ImportEntry, type ImportSettings, importProfiles } from '../../content/import.ts'
import type { AddOptions, ContentNode } from '../../content/node.ts'
import { createChannel } from './channel.ts'
import type { Answer, Call, Endpoints, Query } from './endpoint.ts'
import { type Part, readWhole } from './multipart.ts'

interface AddEvent {
  Name: string
  Hash?: string
  Size?: string
  Bytes?: number
}

export const addEndpoints: Endpoints = { add: addFiles }

const maxChunkBytes = 2 * 1024 * 1024 - 1024
const maxTargetBytes = 4096
/** Told of progress each time so much more was read. */
const progressBytes = 256 * 1024
/** Entries without a name need one inside the import; no client can send this one. */
const unnamed = '\u0000'

async function addFiles({ node, query, parts, signal }: Call): Promise<Answer> {
  const options = { ...readOptions(query), signal }
  const entries = toEntries(parts(), options.wrap)
  if (!query.flag('progress', false)) return { lines: results(node, entries, options) }
  return { lines: withProgress(node, entries, options) }
}

async function* results(
  node: ContentNode,
  entries: AsyncIterable<ImportEntry>,
  options: AddOptions,
): AsyncGenerator<AddEvent> {
  for await (const { path, cid, dagSize } of node.add(entries, options)) {
    // Kubo calls what has no name by its CID, but leaves the directory around all nameless.
    const name = path.startsWith(unnamed) ? cid.toString() : path
    yield { Name: name, Hash: cid.toString(), Size: String(dagSize) }
  }
}

/** Progress comes while the import waits for the body, so both go through one queue. */
async function* withProgress(
  node: ContentNode,
  entries: AsyncIterable<ImportEntry>,
  options: AddOptions,
): AsyncGenerator<AddEvent> {
  const events = createChannel<AddEvent>()
  let told = 0
  const onBytes = (path: string, bytes: number): void => {
    if (bytes > told && bytes - told < progressBytes) return
    told = bytes
    events.push({ Name: path.startsWith(unnamed) ? '' : path, Bytes: bytes })
  }
  const feed = async (): Promise<void> => {
    for await (const event of results(node, entries, { ...options, onBytes })) events.push(event)
  }
  const fed = feed().then(
    () => events.close(),
    (error: unknown) => events.close(error),
  )
  yield* events
  await fed
}

async function* toEntries(parts: AsyncIterable<Part>, wrap: boolean): AsyncGenerator<ImportEntry> {
  let count = 0
  for await (const { path, type, content } of parts) {
    if (path === '' && wrap) {
      throw new WasmateError('INPUT_INVALID', 'wrap-with-directory needs a name for each file')
    }
    const name = path === '' ? `${unnamed}${count++}` : path
    if (type === 'application/x-directory') {
      await readWhole(content, 0)
      yield { path: name, directory: true }
    } else if (type === 'application/symlink') {
      const link = Buffer.from(await readWhole(content, maxTargetBytes)).toString()
      yield { path: name, link }
    } else yield { path: name, content }
  }
}

function readOptions(query: Query): AddOptions {
  query.refuse(['trickle', 'nocopy', 'fscache', 'inline', 'preserve-mode', 'preserve-mtime'])
  for (const name of ['to-files', 'mode', 'mtime']) {
    if (query.text(name)) throw new WasmateError('INPUT_INVALID', `option "${name}" is not supported`)
  }
  const hash = query.text('hash') ?? 'sha2-256'
  if (hash !== 'sha2-256') throw new WasmateError('INPUT_INVALID', `hash "${hash}" is not supported by add`)
  return {
    ...readSettings(query),
    wrap: query.flag('wrap-with-directory', false),
    pin: query.flag('pin', true),
    pinName: query.text('pin-name') ?? '',
    onlyHash: query.flag('only-hash', false),
  }
}

function readSettings(query: Query): ImportSettings {
  const cidVersion = query.count('cid-version') ?? 0
  if (cidVersion !== 0 && cidVersion !== 1) {
    throw new WasmateError('INPUT_INVALID', `cid-version ${cidVersion} is not supported`)
  }
  const settings = {
    cidVersion: cidVersion === 1 ? (1 as const) : (0 as const),
    rawLeaves: query.flag('raw-leaves', cidVersion === 1),
    chunkBytes: readChunker(query.text('chunker') ?? 'size-262144'),
    maxLinks: query.count('max-file-links') ?? 174,
  }
  if (settings.maxLinks < 2) throw new WasmateError('INPUT_INVALID', 'max-file-links must be at least 2')
  // How a directory is measured is configuration in Kubo and no option: it follows from the profile that is meant.
  const modern = importProfiles['unixfs-v1-2025']
  const isModern = settings.chunkBytes === modern.chunkBytes && settings.maxLinks === modern.maxLinks
  return { ...settings, directoryEstimate: isModern ? 'block-bytes' : 'links-bytes' }
}

function readChunker(chunker: string): number {
  const bytes = Number(/^size-(\d+)$/.exec(chunker)?.[1] ?? Number.NaN)
  if (bytes >= 1 && bytes <= maxChunkBytes) return bytes
  const limits = `size-1 to size-${maxChunkBytes} are`
  throw new WasmateError('INPUT_INVALID', `chunker "${chunker}" is not supported, ${limits}`)
}
