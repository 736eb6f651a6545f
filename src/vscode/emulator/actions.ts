// The commands on an emulator: start, stop, restart, reset, snapshots. What goes wrong is said with what to do next.

import { Disposable, Uri, l10n, window } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { registerCommand } from '../telling.ts'
import type { Emulators } from '../emulators.ts'
import { commands as ids } from '../ids.ts'
import type { EmulatorLink } from './link.ts'
import { restoreSnapshot, saveSnapshot } from './snapshots.ts'

type Action = (link: EmulatorLink, given?: unknown) => Promise<void>

export function registerActions(emulators: Emulators): Disposable {
  const actions: [string, Action][] = [
    [ids.startEmulator, (link) => link.start()],
    [ids.stopEmulator, (link) => link.stop()],
    [ids.restartEmulator, (link) => link.restart()],
    [ids.resetEmulator, reset],
    [ids.saveSnapshot, saveSnapshot],
    [ids.restoreSnapshot, restoreSnapshot],
  ]
  return Disposable.from(
    ...actions.map(([id, act]) =>
      registerCommand(id, async (given) => {
        const link = await requireLink(emulators, given)
        if (link) await act(link, given)
      }),
    ),
  )
}

/**
 * That of the line of a view which was given, else one that a person chooses; `undefined` when none of several is.
 * Throws FOLDER_MISSING where there can't be one.
 */
export async function requireLink(emulators: Emulators, given?: unknown): Promise<EmulatorLink | undefined> {
  const isLine = typeof given === 'object' && given !== null && 'folder' in given
  const own = isLine && given.folder instanceof Uri ? emulators.of(given.folder) : undefined
  if (emulators.all.length > 0) return own ?? emulators.choose()
  throw new WasmateError('FOLDER_MISSING')
}

async function reset(link: EmulatorLink): Promise<void> {
  const confirm = l10n.t('Reset')
  const chosen = await window.showWarningMessage(
    l10n.t('Reset the emulator of {0}?', link.folder.name),
    {
      modal: true,
      detail: l10n.t(
        'It begins with an empty chain: no function is registered then. The old chain is set aside in .wasmate.',
      ),
    },
    confirm,
  )
  if (chosen === confirm) await link.start({ reset: true })
}
