// Networks of the settings, told to the emulators that run: one that was started before, or by somebody else, knows others.

import { Disposable, commands, workspace } from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { Emulators } from '../emulators.ts'
import { commands as ids } from '../ids.ts'
import { readConfig, readSettings } from '../settings.ts'
import { tellFailure } from '../telling.ts'
import type { EmulatorLink } from './link.ts'

/** Each emulator when it is met, and all of them when the setting changes. */
export function tellNetworks(
  emulators: Emulators,
  onTakesRestart: (client: ControlClient) => void,
): Disposable {
  const met = new WeakSet<ControlClient>()
  const tell = async ({ client, folder }: EmulatorLink): Promise<void> => {
    if (!client) return
    met.add(client)
    const { networks } = await readConfig(folder)
    const { takesRestart } = await client.stream('networks', networks, {})
    if (takesRestart) onTakesRestart(client)
    // What is shown of them is read anew.
    await commands.executeCommand(ids.refresh)
  }
  return Disposable.from(
    emulators.onDidChange((link) => {
      const { client, folder } = link
      if (client && !met.has(client) && readSettings(folder)['networks']) void tell(link).catch(tellFailure)
    }),
    workspace.onDidChangeConfiguration((change) => {
      for (const link of emulators.all) {
        if (change.affectsConfiguration('wasmate.networks', link.folder)) void tell(link).catch(tellFailure)
      }
    }),
  )
}
