// A file that one living process holds; one left by a dead process is taken over.

import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { WasmateError, systemCode } from '../errors.ts'
import { type ProcessIdentity, identify, isRunning } from '../process.ts'

export interface Lock {
  release(): Promise<void>
}

/** Throws EMULATOR_STARTING, naming the process, when a living one holds it. */
export async function acquireLock(path: string): Promise<Lock> {
  const self = await identify(process.pid)
  if (!self) throw new WasmateError('INTERNAL', `process ${process.pid} can't be identified`)
  const mine = `${path}.${process.pid}`
  await writeFile(mine, JSON.stringify(self), { mode: 0o600 })
  try {
    await claim(path, mine)
  } finally {
    await rm(mine, { force: true })
  }
  return { release: () => rm(path, { force: true }) }
}

/** The living process that holds the lock. */
export async function lockHolder(path: string): Promise<ProcessIdentity | undefined> {
  const holder = await readHolder(path)
  return holder && (await isRunning(holder)) ? holder : undefined
}

/** A hard link either comes to be or finds the name taken: two processes can't both succeed. */
async function claim(path: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await tryLink(mine, path)) return
    const holder = await lockHolder(path)
    if (holder) throw new WasmateError('EMULATOR_STARTING', `process ${holder.pid}`)
    await moveAway(path, `${mine}.stale`)
  }
  throw new WasmateError('EMULATOR_STARTING', path)
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Renames first: of several that find a stale lock only one gets the file, and sees whether it was still stale. */
async function moveAway(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  if (await lockHolder(aside)) await tryLink(aside, path)
  await rm(aside, { force: true })
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const { pid, startedAt } = JSON.parse(await readFile(path, 'utf8')) as Partial<ProcessIdentity>
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
