// Host functions of modules that tell what of them has run. Each place is written to a file at once, so that it is
// known however the call ends, and in whichever thread it ran.

import { openSync, writeSync } from 'node:fs'
import { type HostFunctions, loadHostFunctions } from '../../runner/guest/host-functions.ts'

/** `path` is of the file; `others` are the host functions that the settings name, which are there as well. */
export async function openCoverage(path: string, others: string | null): Promise<HostFunctions> {
  const file = openSync(path, 'a')
  const cover = (_context: unknown, place: number | bigint): undefined => {
    writeSync(file, `${place}\n`)
  }
  return { ...(others === null ? {} : await loadHostFunctions(others)), 'wasmate:coverage': { cover } }
}
