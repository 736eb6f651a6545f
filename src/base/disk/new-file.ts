// A stream in, a file out that is there whole or not at all.

import { randomBytes } from 'node:crypto'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WasmateError, systemCode } from '../errors.ts'

/** Throws INPUT_INVALID: nothing is written over unless `force` says so. */
export async function checkNewFile(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile()) throw new WasmateError('INPUT_INVALID', `${path} is there and is not a file`)
  if (there && !force) throw alreadyThere(path)
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (!folder?.isDirectory()) throw new WasmateError('INPUT_INVALID', `there is no folder ${dirname(path)}`)
}

/** Under another name until it is whole and on disk; what was begun is removed when it fails. */
export async function writeNewFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`
  try {
    await writeAndSync(partial, chunks, signal)
    signal.throwIfAborted()
    await (force ? rename(partial, path) : renameNew(partial, path))
  } finally {
    await rm(partial, { force: true })
  }
}

/** For a file that nobody else knows of; it stays as far as it was written. */
export async function writeAndSync(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted()
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A link fails where a rename would replace what somebody else has put there meanwhile. */
async function renameNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw alreadyThere(to)
    // No links on this file system.
    if (await stat(to).catch(() => undefined)) throw alreadyThere(to)
    await rename(from, to)
  }
}

function alreadyThere(path: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `${path} is there already; --force writes over it`)
}
