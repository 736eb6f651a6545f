// What the editor shows and offers of its emulators, put together.

import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Disposable,
  type ExtensionContext,
  type LogOutputChannel,
  commands,
  env,
  l10n,
  window,
  workspace,
} from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { Emulators } from '../emulators.ts'
import { commands as ids } from '../ids.ts'
import { affectsEmulator, readAssignments } from '../settings.ts'
import { registerActions, registerSaid, tellFailure } from './actions.ts'
import { writeDiagnostics } from './diagnostics.ts'
import { Doctor } from './doctor.ts'
import { registerKeys } from './keys.ts'
import type { EmulatorLink } from './link.ts'
import { FollowedLog } from './logs.ts'
import { tellNetworks } from './networks.ts'
import { registerStatus } from './status.ts'

export function registerEmulators(emulators: Emulators, context: ExtensionContext): Disposable {
  const doctor = new Doctor(emulators.entry)
  return Disposable.from(
    registerActions(emulators),
    registerStatus(emulators),
    registerKeys(emulators),
    registerLogs(emulators),
    doctor,
    registerSaid(ids.doctor, async () => {
      const link = emulators.all.length > 0 ? await emulators.choose() : undefined
      if (link) return doctor.examine(link.folder.uri.fsPath, readAssignments(link.folder))
      if (emulators.all.length > 0) return
      // Without a folder it is the machine alone that is looked at.
      const { fsPath } = context.globalStorageUri
      await mkdir(fsPath, { recursive: true })
      await doctor.examine(fsPath, [])
    }),
    registerSaid(ids.copyDiagnostics, async () => {
      const { version } = context.extension.packageJSON as { version: string }
      await env.clipboard.writeText(await writeDiagnostics(emulators.all, version))
      void window.setStatusBarMessage(l10n.t('Diagnostics are copied'), 5_000)
    }),
    emulators.onDidDie(offerStart),
    offerRestarts(emulators),
    startOnOpen(emulators),
  )
}

function registerLogs(emulators: Emulators): Disposable {
  let channel: LogOutputChannel | undefined
  const logs = new Map<EmulatorLink, FollowedLog>()
  const follow = (link: EmulatorLink, into: LogOutputChannel): Promise<void> => {
    const known = logs.get(link) ?? new FollowedLog(link.folder.uri.fsPath, into)
    logs.set(link, known)
    return known.follow()
  }
  return Disposable.from(
    registerSaid(ids.showLogs, async () => {
      const into = (channel ??= window.createOutputChannel('Wasmate', { log: true }))
      into.show(true)
      await Promise.all(emulators.all.map((link) => follow(link, into)))
    }),
    // Its first start makes the file.
    emulators.onDidChange((link) => {
      if (channel) void follow(link, channel)
    }),
    new Disposable(() => {
      for (const log of logs.values()) log.dispose()
      channel?.dispose()
    }),
  )
}

async function offerStart(link: EmulatorLink): Promise<void> {
  const [start, logs] = [l10n.t('Start Again'), l10n.t('Show Logs')]
  const words = l10n.t(
    'The emulator of {0} was ended from outside. What it had acknowledged is kept.',
    link.folder.name,
  )
  const chosen = await window.showWarningMessage(words, start, logs)
  if (chosen === start) await link.start().catch(tellFailure)
  if (chosen === logs) await commands.executeCommand(ids.showLogs)
}

/** An emulator reads its settings when it starts. Of each start it is asked once, however many of them change. */
function offerRestarts(emulators: Emulators): Disposable {
  const asked = new WeakSet<ControlClient>()
  const isRunning = ({ state }: EmulatorLink): boolean => state === 'running'
  const offer = async (): Promise<void> => {
    const restart = l10n.t('Restart')
    const words = l10n.t('The emulator takes up the changed setting when it is restarted.')
    if ((await window.showInformationMessage(words, restart)) !== restart) return
    await Promise.all(emulators.all.filter(isRunning).map((link) => link.restart())).catch(tellFailure)
  }
  const propose = (clients: ControlClient[]): void => {
    const fresh = clients.filter((client) => !asked.has(client))
    for (const client of fresh) asked.add(client)
    if (fresh.length > 0) void offer()
  }
  return Disposable.from(
    workspace.onDidChangeConfiguration((change) => {
      const running = emulators.all.filter(isRunning)
      const told = running.filter(({ folder }) => affectsEmulator(change, folder))
      propose(told.flatMap(({ client }) => (client ? [client] : [])))
    }),
    tellNetworks(emulators, (client) => propose([client])),
  )
}

function hasState({ folder }: EmulatorLink): boolean {
  return existsSync(join(folder.uri.fsPath, '.wasmate/format.json'))
}

/** Where a person wants it, in each folder that has had an emulator. */
function startOnOpen(emulators: Emulators): Disposable {
  const start = async (): Promise<void> => {
    if (!workspace.isTrusted) return
    const isWanted = ({ folder: { uri } }: EmulatorLink): boolean =>
      workspace.getConfiguration('wasmate', uri).get('editor.startOnOpen', false)
    const used = emulators.all.filter((link) => isWanted(link) && hasState(link))
    await Promise.all(used.map((link) => link.start())).catch(tellFailure)
  }
  void start()
  return workspace.onDidGrantWorkspaceTrust(() => void start())
}
