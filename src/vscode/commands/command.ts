// What the commands on functions and names begin with: what they are called with, and which emulator is meant.

import { type Disposable, type ExtensionContext, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { registerCommand } from '../telling.ts'
import { type Given, readGiven } from './given.ts'

/** What every command has at hand. */
export interface Desk {
  emulators: Emulators
  context: ExtensionContext
}

/** What a command does with what it was given. */
export type Run = (given: Given) => Promise<unknown>

/** Gives what came of it; `undefined` when it was given up or went wrong, which was said then. */
export function register<T>(id: string, run: (given: Given) => Promise<T>): Disposable {
  return registerCommand(id, (value) => run(readGiven(value)))
}

/** The emulator that is meant; asks when there are several. Throws WORKSPACE_UNTRUSTED, FOLDER_MISSING, CANCELLED. */
export async function linkFor(
  { emulators }: Pick<Desk, 'emulators'>,
  { path, folder: within }: Given,
): Promise<EmulatorLink> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  const place = path ?? within
  const own =
    place === undefined ? undefined : emulators.all.find(({ folder }) => holds(folder.uri.fsPath, place))
  const link = own ?? (await emulators.choose())
  if (link) return link
  if (emulators.all.length > 0) throw new WasmateError('CANCELLED')
  throw new WasmateError('FOLDER_MISSING')
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`)
}

/** What was given up is CANCELLED, and no more is said of it. */
export function unlessGivenUp<T>(chosen: T | undefined): T {
  if (chosen === undefined) throw new WasmateError('CANCELLED')
  return chosen
}
