// The commands on an emulator: start, stop, restart, reset, snapshots. What goes wrong is said with what to do next.

import { Disposable, Uri, commands, l10n, window } from 'vscode'
import { type ErrorCode, WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Emulators } from '../emulators.ts'
import { sayFailure } from '../failure.ts'
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
      registerSaid(id, async (given) => {
        const link = await requireLink(emulators, given)
        if (link) await act(link, given)
      }),
    ),
  )
}

/** A command that says what went wrong; what was given up is no more said of. */
export function registerSaid(id: string, run: (given?: unknown) => Promise<void>): Disposable {
  return commands.registerCommand(id, (given?: unknown) => run(given).catch(tellFailure))
}

/**
 * That of the line of a view which was given, else one that a person chooses; `undefined` when none of several is.
 * Throws EMULATOR_NOT_RUNNING where there can't be one.
 */
export async function requireLink(emulators: Emulators, given?: unknown): Promise<EmulatorLink | undefined> {
  const isLine = typeof given === 'object' && given !== null && 'folder' in given
  const own = isLine && given.folder instanceof Uri ? emulators.of(given.folder) : undefined
  if (emulators.all.length > 0) return own ?? emulators.choose()
  throw new WasmateError('EMULATOR_NOT_RUNNING', l10n.t('no folder of this machine is open in this window'))
}

/** Does not wait until it is read. */
export function tellFailure(error: unknown): void {
  const { code } = toWasmateError(error)
  if (code === 'CANCELLED') return
  const [title, command] = nextStep(code)
  void window.showErrorMessage(sayFailure(error), title).then((chosen) => {
    if (chosen === title) void commands.executeCommand(command)
  })
}

function nextStep(code: ErrorCode): [string, string] {
  if (code === 'WORKSPACE_UNTRUSTED') return [l10n.t('Manage Trust'), 'workbench.trust.manage']
  if (code === 'CONFIG_INVALID') return [l10n.t('Open Settings'), 'workbench.action.openSettings']
  if (code === 'DEVNET_MISSING') return [l10n.t('Run Doctor'), ids.doctor]
  return [l10n.t('Show Logs'), ids.showLogs]
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
