// A file, a symbolic link or a directory as a tar stream, entry by entry as it is read.

import type { CID } from 'multiformats/cid'
import { type Header, type Pack, pack as createPack } from 'tar-stream'
import { WasmateError } from '../../../base/errors.ts'
import { isDirectory, listDirectory, walkFile } from '../../../content/dag/unixfs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { readEntry } from './ls.ts'

export interface TarEntry {
  /** Path inside the archive. */
  name: string
  cid: CID
}

/** Throws what reading throws, and INPUT_INVALID for a name that would lead out of the archive. */
export async function* packTar(
  node: ContentNode,
  root: TarEntry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pack = createPack()
  const fed = fill(pack, node, root, signal).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  try {
    yield* pack as AsyncIterable<Uint8Array>
  } finally {
    pack.destroy()
    await fed
  }
}

/** Depth first; a directory may hang in many places, and is packed in each. */
async function fill(pack: Pack, node: ContentNode, root: TarEntry, signal: AbortSignal): Promise<void> {
  const stack = [root]
  for (let next = stack.pop(); next; next = stack.pop()) {
    signal.throwIfAborted()
    const { name, cid } = next
    const entry = await readEntry(node, cid)
    const { type, size, data } = entry
    if (isDirectory(entry)) {
      await putEntry(pack, { name, type: 'directory', mode: 0o755 }, [])
      for (const below of await listBelow(node, next)) stack.push(below)
    } else if (type === 'symlink') {
      const linkname = Buffer.from(data).toString()
      await putEntry(pack, { name, type: 'symlink', mode: 0o777, linkname }, [])
    } else await putEntry(pack, { name, type: 'file', mode: 0o644, size }, readParts(node, cid, signal))
  }
}

/** Last first: the stack gives them back in their order. */
async function listBelow(node: ContentNode, { name, cid }: TarEntry): Promise<TarEntry[]> {
  const below: TarEntry[] = []
  for await (const entry of listDirectory(node, cid)) {
    if (isUnsafe(entry.name)) {
      const words = `${JSON.stringify(entry.name)} in ${cid.toString()} is no plain file name`
      throw new WasmateError('INPUT_INVALID', `${words}: use CAR instead`)
    }
    below.push({ name: `${name}/${entry.name}`, cid: entry.cid })
  }
  return below.reverse()
}

function isUnsafe(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')
}

async function* readParts(node: ContentNode, cid: CID, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const { data } of walkFile(node, cid, undefined, signal)) if (data.length > 0) yield data
}

/** Waits until what is written was taken, so that no file is held in memory. */
async function putEntry(
  pack: Pack,
  header: Partial<Header> & Pick<Header, 'name'>,
  parts: AsyncIterable<Uint8Array> | Uint8Array[],
): Promise<void> {
  const state = { isOver: false, wake: (): void => undefined }
  const done = new Promise<void>((resolve, reject) => {
    const entry = pack.entry(header, (error) => {
      state.isOver = true
      state.wake()
      if (error) reject(error)
      else resolve()
    })
    entry.on('drain', () => state.wake())
    entry.on('error', () => state.wake())
    write(entry).catch(reject)
  })
  await done

  async function write(entry: ReturnType<Pack['entry']>): Promise<void> {
    for await (const part of parts) {
      if (state.isOver) return
      const drained = new Promise<void>((resolve) => (state.wake = resolve))
      if (!entry.write(part)) await drained
    }
    entry.end(null)
  }
}
