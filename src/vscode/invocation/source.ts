// A file that a problem names, relative to its function's folder -> that file in the workspace.

import { join, relative, isAbsolute } from 'node:path'
import { Uri, workspace } from 'vscode'
import type { EmulatorLink } from '../emulator/link.ts'

/** `undefined` when there is none, or it would be outside of the workspace. */
export async function findSource(
  link: EmulatorLink | undefined,
  target: string,
  file: string,
): Promise<Uri | undefined> {
  if (!link?.client || !workspace.isTrusted) return undefined
  const functions = await link.client.stream('overview', {}, {})
  const found = functions.find(({ name, local }) => name === target || local?.cid === target)
  if (!found) return undefined
  const path = join(found.path, file)
  const inside = relative(link.folder.uri.fsPath, path)
  if (inside.startsWith('..') || isAbsolute(inside)) return undefined
  const uri = Uri.file(path)
  const stat = await Promise.resolve(workspace.fs.stat(uri)).catch(() => undefined)
  return stat && uri
}
