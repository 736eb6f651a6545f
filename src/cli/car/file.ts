// Files that a verb reads and writes as streams: `-` is standard input or output, a new file is there whole or not
// at all.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { checkNewFile, writeAndSync, writeNewFile } from '../../base/disk/new-file.ts'
import { WasmateError, describe } from '../../base/errors.ts'

export interface InputFile {
  bytes: AsyncIterable<Uint8Array>
  /** Absent for standard input. */
  size?: number
}

/** Throws INPUT_INVALID for what can't be read. */
export async function openInput(path: string, signal: AbortSignal): Promise<InputFile> {
  if (path === '-') {
    if (process.stdin.isTTY)
      throw new WasmateError('INPUT_INVALID', '- reads from a pipe, not from a terminal')
    return { bytes: addAbortSignal(signal, process.stdin) }
  }
  const found = await stat(path).catch((error: unknown) => {
    throw new WasmateError('INPUT_INVALID', `${path} can't be read (${describe(error)})`, { cause: error })
  })
  if (!found.isFile()) throw new WasmateError('INPUT_INVALID', `${path} is not a file`)
  return { bytes: readFileStream(path, signal), size: found.size }
}

async function* readFileStream(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024, signal })
  } catch (error) {
    if (signal.aborted) throw new WasmateError('CANCELLED', undefined, { cause: error })
    throw new WasmateError('INPUT_INVALID', `${path} can't be read (${describe(error)})`, { cause: error })
  }
}

/** A file in a folder of its own for what can't be read twice; `drop` removes it. */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ path: string; drop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-car-'))
  const drop = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'input.car')
  try {
    await writeAndSync(path, source, signal)
    return { path, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

/** Throws INPUT_INVALID: nothing is written over unless that is asked for, nor binary to a terminal. */
export async function checkOutput(path: string, force: boolean): Promise<void> {
  if (path !== '-') return checkNewFile(path, force)
  if (process.stdout.isTTY) throw new WasmateError('INPUT_INVALID', 'a CAR is not written to a terminal')
}

export async function writeOutput(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<void> {
  return path === '-' ? writeStdout(chunks, signal) : writeNewFile(path, chunks, { force, signal })
}

async function writeStdout(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain', { signal })
  }
}
