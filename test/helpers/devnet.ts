// The starknet-devnet that tests run: named by the environment, else where the product itself would find it.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Absolute path of a starknet-devnet binary; throws when this machine has none. */
export async function devnetPath(): Promise<string> {
  const named = process.env['WASMATE_TEST_DEVNET']
  if (named) return named
  const { stdout } = await run('/bin/sh', ['-c', 'command -v starknet-devnet'])
  return stdout.trim()
}
