// The folders that functions may use: from the setting, as Extism's manifest has `allowed_paths`.

import { realpathSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WasmateError, describe } from '../../base/errors.ts'

/** Path as functions see it -> folder of this machine; `ro:` before it makes it read-only. */
export type AllowedPaths = Readonly<Record<string, string>>

export interface Folder {
  /** As functions see it. */
  name: string
  /** Absolute and without symbolic links. */
  path: string
  readOnly: boolean
}

/** Throws CONFIG_INVALID when one is no folder. */
export async function checkFolders(allowed: AllowedPaths): Promise<void> {
  for (const [name, value] of Object.entries(allowed)) {
    const { path } = parseFolder(name, value)
    const fault = (why: string, cause?: unknown): WasmateError =>
      new WasmateError('CONFIG_INVALID', `wasmate.runner.allowedPaths: ${name}: ${path} ${why}`, { cause })
    const found = await stat(path).catch((error: unknown) => {
      throw fault(`can't be used (${describe(error)})`, error)
    })
    if (!found.isDirectory()) throw fault('is no folder')
  }
}

/** One that has gone meanwhile stays in the list: its calls are told so, and the rest runs. */
export function openFolders(allowed: AllowedPaths): Folder[] {
  return Object.entries(allowed).map(([name, value]) => {
    const folder = parseFolder(name, value)
    try {
      return { ...folder, path: realpathSync.native(folder.path) }
    } catch {
      // Not a reason to run no function at all.
      return folder
    }
  })
}

function parseFolder(name: string, value: string): Folder {
  const readOnly = value.startsWith('ro:')
  return { name, path: resolve(readOnly ? value.slice(3) : value), readOnly }
}
