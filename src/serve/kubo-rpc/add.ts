// add: files, directories and symbolic links from a multipart body to UnixFS.

import { WasmateError } from '../../base/errors.ts'
import {
  type ImportEntry,
  type ImportSettings,
  type ImportedEntry,
  cleanPath,
  importProfiles,
} from '../../content/import.ts'
import type { AddOptions } from '../../content/node.ts'
import { type Channel, createChannel } from './channel.ts'
import type { Answer, Call, Endpoints, Query } from './endpoint.ts'
import { type Part, readWhole } from './multipart.ts'
import { type LinkEntry, linkInto } from './files/link.ts'
import { readPinName } from './pin/change.ts'

interface AddEvent {
  Name: string
  Hash?: string
  Size?: string
  Bytes?: number
  Mode?: string
}

export const addEndpoints: Endpoints = { add: addFiles }

const maxChunkBytes = 2 * 1024 * 1024 - 1024
const maxTargetBytes = 4096
/** Told of progress each time so much more was read. */
const progressBytes = 256 * 1024
/** As Kubo writes the mode of a symbolic link: os.ModeSymlink and all permissions, in octal. */
const linkMode = '01000000777'

async function addFiles(call: Call): Promise<Answer> {
  const { node, query, parts, signal } = call
  const options = { ...readOptions(query), signal }
  const link = readDestination(call, options)
  const events = createChannel<AddEvent>()
  const onProgress = query.flag('progress', false) ? events.push : undefined
  const entries = toEntries(parts(), onProgress, link !== undefined)
  const results = describeResults(node.add(entries, options), call.show, { isWrapped: options.wrap, link })
  const isSilent = query.flag('silent', false)
  return { lines: merge(events, isSilent ? swallow(results) : results) }
}

async function* describeResults(
  results: AsyncIterable<ImportedEntry>,
  show: Call['show'],
  { isWrapped, link }: { isWrapped: boolean; link: LinkEntry | undefined },
): AsyncGenerator<AddEvent> {
  for await (const { path, cid, dagSize, isLink = false } of results) {
    const event = { Name: path, Hash: show(cid), Size: String(dagSize) }
    const isTop = !isWrapped && !path.includes('/')
    // Kubo has it for a link alone, not for one in a directory.
    yield isLink && isTop ? { ...event, Mode: linkMode } : event
    if (link && isTop) await link(path, cid)
  }
}

/** Runs it to its end for what it does. */
async function* swallow(results: AsyncIterable<unknown>): AsyncGenerator<never> {
  for await (const _ of results) continue
}

/** Progress comes while the import waits for the body, so both go through one queue. */
async function* merge(events: Channel<AddEvent>, results: AsyncIterable<AddEvent>): AsyncGenerator<AddEvent> {
  const feed = async (): Promise<void> => {
    for await (const event of results) events.push(event)
  }
  const fed = feed().then(
    () => events.close(),
    (error: unknown) => events.close(error),
  )
  yield* events
  await fed
}

async function* toEntries(
  parts: AsyncIterable<Part>,
  onProgress: ((event: AddEvent) => void) | undefined,
  isNameNeeded: boolean,
): AsyncGenerator<ImportEntry> {
  for await (const part of parts) {
    const path = cleanPath(part.path)
    if (path === '' && isNameNeeded) {
      throw new WasmateError('INPUT_INVALID', 'to-files: cannot add unnamed files to MFS')
    }
    if (part.type === 'application/x-directory') {
      await readWhole(part.content, 0)
      yield { path, directory: true }
    } else if (part.type === 'application/symlink') {
      yield { path, link: Buffer.from(await readWhole(part.content, maxTargetBytes)).toString() }
    } else yield { path, content: tellProgress(part.content, path, onProgress) }
  }
}

/** Once for each step that was passed, and at the end. */
async function* tellProgress(
  content: AsyncIterable<Uint8Array>,
  name: string,
  onProgress: ((event: AddEvent) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let told = 0
  for await (const chunk of content) {
    bytes += chunk.length
    for (; told + progressBytes <= bytes; told += progressBytes) {
      onProgress?.({ Name: name, Bytes: told + progressBytes })
    }
    yield chunk
  }
  if (bytes > told) onProgress?.({ Name: name, Bytes: bytes })
  else if (bytes === 0) onProgress?.({ Name: name })
}

function readOptions(query: Query): AddOptions {
  query.refuse(['trickle', 'inline', 'preserve-mode', 'preserve-mtime'])
  if (query.flag('nocopy', false)) {
    throw new WasmateError(
      'INPUT_INVALID',
      'either the filestore or the urlstore must be enabled to use nocopy',
    )
  }
  for (const name of ['mode', 'mtime', 'max-directory-links', 'max-hamt-fanout']) {
    if (query.text(name)) throw new WasmateError('INPUT_INVALID', `option "${name}" is not supported`)
  }
  const hash = query.text('hash') ?? 'sha2-256'
  if (hash !== 'sha2-256') throw new WasmateError('INPUT_INVALID', `hash "${hash}" is not supported by add`)
  const onlyHash = query.flag('only-hash', false)
  return {
    ...readSettings(query),
    wrap: query.flag('wrap-with-directory', false),
    ...readPin(query, onlyHash),
    onlyHash,
  }
}

/** Where what is added shall stand in the mutable file system as well. */
function readDestination({ node, query }: Call, { wrap, onlyHash }: AddOptions): LinkEntry | undefined {
  const to = query.text('to-files')
  if (to === undefined) return undefined
  const other = onlyHash ? 'only-hash' : wrap ? 'wrap-with-directory' : undefined
  if (other) throw new WasmateError('INPUT_INVALID', `${other} and to-files options are not compatible`)
  return linkInto(node, to || '/')
}

function readPin(query: Query, onlyHash: boolean): { pin: boolean; pinName: string } {
  const pin = query.flag('pin', true) && !onlyHash
  const pinName = readPinName(query.text('pin-name'))
  if (pin || pinName === '') return { pin, pinName }
  throw new WasmateError('INPUT_INVALID', 'pin-name option requires pin to be set')
}

function readSettings(query: Query): ImportSettings {
  const cidVersion = query.whole('cid-version') ?? 0
  if (cidVersion > 1) throw new WasmateError('INPUT_INVALID', `unknown CID version: ${cidVersion}`)
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
