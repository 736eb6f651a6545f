// The state of a workspace under a name: chain, publications, what answers, and the node's blocks and pins.

import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { copyTree } from '../base/disk/copy-tree.ts'
import { readState, removeState, writeState } from '../base/disk/state-file.ts'
import { WasmateError, systemCode } from '../base/errors.ts'
import type { Context } from '../model.ts'
import type { Workspace } from '../workspace.ts'

export interface Snapshot {
  name: string
  /** Milliseconds since 1970. */
  savedAt: number
}

/** What was there before the last restore. */
export const replacedName = 'replaced'

const namePattern = /^[A-Za-z0-9][\w.-]{0,62}$/
const snapshotSchema = z.object({ format: z.literal(1), savedAt: z.number() })
const markSchema = z.object({ name: z.string(), savedAt: z.number(), has: z.array(z.string()) })

/**
 * What goes into one, in the order in which it may be read while an emulator writes: what answers may lie behind the
 * chain, and the chain may only name what the node has.
 */
const parts = ({ served, publications, chain, content }: Workspace): string[] => [
  served,
  publications,
  chain,
  content,
]

/**
 * Also while an emulator runs: blocks are linked, so it takes no room to speak of. Throws SNAPSHOT_EXISTS unless
 * `replace` is set, INPUT_INVALID for a name that can't be one.
 */
export async function saveSnapshot(
  workspace: Workspace,
  name: string,
  { replace = false, signal, report }: Context & { replace?: boolean } = {},
): Promise<Snapshot> {
  checkSnapshotName(name)
  const folder = folderOf(workspace, name)
  if (!replace && (await isThere(folder))) throw new WasmateError('SNAPSHOT_EXISTS', name)
  const partial = `${folder}.partial-${process.pid}`
  try {
    report?.({ doing: `saving snapshot ${name}` })
    await rm(partial, { recursive: true, force: true })
    await copyState(workspace, partial, signal)
    const savedAt = Date.now()
    await writeState(join(partial, 'snapshot.json'), { format: 1, savedAt })
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
    return { name, savedAt }
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Newest first. */
export async function listSnapshots(workspace: Workspace): Promise<Snapshot[]> {
  const names = await readdir(workspace.snapshots).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  })
  const found: Snapshot[] = []
  for (const name of names.filter((each) => namePattern.test(each) && !each.includes('.partial-'))) {
    const known = await readSnapshot(workspace, name)
    if (known) found.push(known)
  }
  return found.sort((one, other) => other.savedAt - one.savedAt)
}

/** Throws SNAPSHOT_NOT_FOUND. */
export async function removeSnapshot(workspace: Workspace, name: string): Promise<void> {
  await requireSnapshot(workspace, name)
  await rm(folderOf(workspace, name), { recursive: true, force: true })
}

/**
 * Only while no emulator runs: the caller holds the lock. What was there is the snapshot `replaced` from then on.
 * Killed in the middle, `finishRestore` brings it to its end. Throws SNAPSHOT_NOT_FOUND.
 */
export async function restoreSnapshot(workspace: Workspace, name: string): Promise<void> {
  await requireSnapshot(workspace, name)
  const coming = comingOf(workspace)
  await rm(coming, { recursive: true, force: true })
  await copyState(workspace, coming, undefined, folderOf(workspace, name))
  await rm(leavingOf(workspace), { recursive: true, force: true })
  await mkdir(leavingOf(workspace))
  const has = await readdir(coming)
  await writeState(markOf(workspace), { name, savedAt: Date.now(), has })
  await finishRestore(workspace)
}

/** Nothing to do unless a restore was cut off; gives the name that is restored. */
export async function finishRestore(workspace: Workspace): Promise<string | undefined> {
  const mark = await readState(markOf(workspace), (value) => markSchema.parse(value))
  if (!mark) return undefined
  for (const path of parts(workspace)) await exchange(path, workspace, mark.has.includes(basename(path)))
  const [leaving, replaced] = [leavingOf(workspace), folderOf(workspace, replacedName)]
  if (await isThere(leaving)) {
    await writeState(join(leaving, 'snapshot.json'), { format: 1, savedAt: mark.savedAt })
    await rm(replaced, { recursive: true, force: true })
    await rename(leaving, replaced)
  }
  await rm(comingOf(workspace), { recursive: true, force: true })
  await removeState(markOf(workspace))
  return mark.name
}

/** Each rename is a state that a second try can tell from the others. */
async function exchange(path: string, workspace: Workspace, isInSnapshot: boolean): Promise<void> {
  const next = join(comingOf(workspace), basename(path))
  // What is in its place came with this restore already.
  if (isInSnapshot && !(await isThere(next))) return
  await moveIfThere(path, join(leavingOf(workspace), basename(path)))
  await moveIfThere(next, path)
}

async function copyState(
  workspace: Workspace,
  to: string,
  signal: AbortSignal | undefined,
  from = workspace.state,
): Promise<void> {
  await mkdir(to, { recursive: true })
  const blocks = join(from, relative(workspace.state, workspace.content), 'blocks')
  const options = { isFinal: (path: string) => path.startsWith(blocks + sep), signal }
  const copy = (path: string): Promise<void> => copyTree(path, join(to, relative(from, path)), options)
  for (const path of parts(workspace)) await copy(join(from, basename(path)))
  // A pin that came while the blocks were copied may have some that came after them.
  await copy(blocks)
}

async function readSnapshot(workspace: Workspace, name: string): Promise<Snapshot | undefined> {
  const known = await readState(join(folderOf(workspace, name), 'snapshot.json'), (value) =>
    snapshotSchema.parse(value),
  )
  return known && { name, savedAt: known.savedAt }
}

async function requireSnapshot(workspace: Workspace, name: string): Promise<void> {
  checkSnapshotName(name)
  if (await readSnapshot(workspace, name)) return
  const names = (await listSnapshots(workspace)).map((each) => each.name)
  throw new WasmateError('SNAPSHOT_NOT_FOUND', `${name}; there are ${names.join(', ') || 'none'}`)
}

/** Throws INPUT_INVALID. */
export function checkSnapshotName(name: string): void {
  if (namePattern.test(name) && !name.includes('.partial-')) return
  throw new WasmateError(
    'INPUT_INVALID',
    `${JSON.stringify(name)} as the name of a snapshot: letters, digits, . _ -`,
  )
}

const folderOf = (workspace: Workspace, name: string): string => join(workspace.snapshots, name)
const comingOf = ({ state }: Workspace): string => join(state, 'restore.coming')
const leavingOf = ({ state }: Workspace): string => join(state, 'restore.leaving')
const markOf = ({ state }: Workspace): string => join(state, 'restore.json')

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false
      throw error
    },
  )
}

async function moveIfThere(from: string, to: string): Promise<void> {
  if (await isThere(from)) await rename(from, to)
}
