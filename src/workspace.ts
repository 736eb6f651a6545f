// The .wasmate folder of a workspace: where each part keeps its state, and the file that names the live URLs.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WasmateError, systemCode } from './base/errors.ts'
import { readState, removeState, writeState } from './base/disk/state-file.ts'

/** Raised when what is stored changes its form; an older Wasmate then refuses instead of guessing. */
const formatVersion = 1

const emulatorStateSchema = z.object({
  pid: z.number(),
  /** Bearer token of the control API. */
  token: z.string(),
  urls: z.object({
    rpc: z.string(),
    kubo: z.string(),
    gateway: z.string(),
    lassie: z.string(),
    functions: z.string(),
    control: z.string(),
    /** Absent when content is kept by another node than the embedded one. */
    pinning: z.string().optional(),
  }),
  /** Contract address of the registry; absent until the chain is ready. */
  registry: z.string().optional(),
})

/** What `.wasmate/emulator.json` holds while an emulator runs. */
export type EmulatorState = z.infer<typeof emulatorStateSchema>

export interface Workspace {
  /** Absolute path of the folder that holds `.wasmate`. */
  folder: string
  state: string
  log: string
  lock: string
  emulator: string
  children: string
  content: string
  chain: string
  publications: string
  served: string
  snapshots: string
  history: string
  builds: string
}

/** Paths only; nothing is read or made. */
export function workspaceAt(folder: string): Workspace {
  const state = join(folder, '.wasmate')
  return {
    folder,
    state,
    log: join(state, 'emulator.log'),
    lock: join(state, 'emulator.lock'),
    emulator: join(state, 'emulator.json'),
    children: join(state, 'children.json'),
    content: join(state, 'content'),
    chain: join(state, 'chain'),
    publications: join(state, 'publications.journal'),
    served: join(state, 'served.json'),
    snapshots: join(state, 'snapshots'),
    history: join(state, 'history.journal'),
    builds: join(state, 'builds.json'),
  }
}

/** Makes `.wasmate`, which ignores itself for git; refuses state of a newer format. */
export async function prepareWorkspace(workspace: Workspace, repair = false): Promise<void> {
  await mkdir(workspace.state, { recursive: true })
  await writeFile(join(workspace.state, '.gitignore'), '*\n')
  const path = join(workspace.state, 'format.json')
  const reading = readState(path, (value) => z.object({ format: z.int() }).parse(value))
  // It holds nothing but this number: damaged, it says no less than that the state is not of today.
  const stored = await (repair ? reading.catch(() => undefined) : reading)
  if (stored && stored.format > formatVersion) {
    throw new WasmateError(
      'STATE_NEWER',
      `${workspace.state} has format ${stored.format}, this is ${formatVersion}`,
    )
  }
  if (!stored) await writeState(path, { format: formatVersion })
}

/** Sets the chain and everything that refers to it aside, so that the next start begins with an empty one. */
export async function setChainAside(workspace: Workspace): Promise<string[]> {
  const suffix = `.old-${Date.now()}`
  const moved: string[] = []
  for (const path of [workspace.chain, workspace.publications, workspace.served]) {
    if (await moveIfThere(path, path + suffix)) moved.push(path + suffix)
  }
  return moved
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

export async function readEmulatorState(workspace: Workspace): Promise<EmulatorState | undefined> {
  return readState(workspace.emulator, (value) => emulatorStateSchema.parse(value))
}

export async function writeEmulatorState(workspace: Workspace, state: EmulatorState): Promise<void> {
  await writeState(workspace.emulator, state)
}

export async function removeEmulatorState(workspace: Workspace): Promise<void> {
  await removeState(workspace.emulator)
}
