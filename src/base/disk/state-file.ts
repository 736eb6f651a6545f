// One JSON value in one file, replaced whole: a reader sees the old value or the new.

import { readFile, rm } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'
import { WasmateError, systemCode } from '../errors.ts'

/** Gives `undefined` when there is no such file; throws STATE_DAMAGED when it can't be understood. */
export async function readState<T>(path: string, parse: (value: unknown) => T): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return parse(JSON.parse(text))
  } catch (error) {
    throw new WasmateError('STATE_DAMAGED', path, { cause: error })
  }
}

/** Readable by the owner alone: state may hold a token. */
export async function writeState(path: string, value: unknown): Promise<void> {
  surviveFileLimit()
  await writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
}

/**
 * Node ignores SIGXFSZ, so that a file over the limit of `ulimit -f` is an error like any other. What
 * write-file-atomic cleans up with listens to the signal for a while and leaves it deadly, unless another listens.
 */
function surviveFileLimit(): void {
  if (!process.listeners('SIGXFSZ').includes(ignore)) process.on('SIGXFSZ', ignore)
}

const ignore = (): void => undefined

export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true })
}
