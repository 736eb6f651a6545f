// Export CAR: a function, or what a CID names, as one file that any IPFS node imports.

import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ExtensionContext, Uri, commands, env, l10n, window } from 'vscode'
import type { ControlClient } from '../../client/control.ts'
import type { WrittenCar } from '../../flows/sharing/export.ts'
import type { Origin } from '../../flows/sharing/origin.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import { runVisibly } from '../progress.ts'
import { formatBytes } from '../trees/words.ts'
import { chooseName } from './choose.ts'
import { type Desk, type Run, linkFor, unlessGivenUp } from './command.ts'
import type { ChosenNetwork } from './networks.ts'
import { readConfig } from '../settings.ts'

export interface ExportedCar extends WrittenCar {
  file: string
}

export function exportCarCommand(desk: Desk, network: ChosenNetwork): Run {
  return async (given) => {
    const link = await linkFor(desk, given)
    const client = await link.require()
    const where = network.of(given)
    const target = given.cid ?? given.name ?? (await chooseName(client, where, l10n.t('Export a CAR')))
    const isNamed = given.cid === undefined
    const file = given.file ?? (await askForFile(link, isNamed ? target : (given.name ?? target)))
    const piece = given.piece ?? (given.file === undefined && (await askForPiece()))
    const title = l10n.t('Exporting {0}', target)
    const exported = await runVisibly(title, (signal, say) =>
      exportTo(desk.context, { link, client, target, network: where, file, piece }, { signal, say }),
    )
    if (given.file === undefined) void tell(exported)
    return exported
  }
}

interface Export {
  link: EmulatorLink
  client: ControlClient
  target: string
  network: string
  file: string
  piece: boolean
}

interface Showing {
  signal: AbortSignal
  say(words: string): void
}

async function exportTo(
  { extensionPath }: ExtensionContext,
  { link, client, target, network, file, piece }: Export,
  { signal, say }: Showing,
): Promise<ExportedCar> {
  const [{ exportCar }, { writeNewFile }, config] = await Promise.all([
    import('../../flows/sharing/export.ts'),
    import('../../base/disk/new-file.ts'),
    readConfig(link.folder),
  ])
  const request = {
    origin: await originOf({ client, target, network }, link, signal),
    scope: 'all' as const,
    routers: config.content.routers,
    pieceWorkerUrl: piece ? pathToFileURL(join(extensionPath, 'dist/piece-worker.mjs')) : undefined,
  }
  // The dialog has asked whether a file that is there is to be written over.
  const write = (chunks: AsyncIterable<Uint8Array>): Promise<void> =>
    writeNewFile(file, chunks, { force: true, signal })
  const tellSize = ({ bytes }: WrittenCar): void => say(formatBytes(bytes))
  return { ...(await exportCar(request, write, { signal, tell: tellSize })), file }
}

/** The emulator's gateway first, then those of the network and of the settings. */
export async function originOf(
  { client, target, network }: Pick<Export, 'client' | 'target' | 'network'>,
  { folder }: EmulatorLink,
  signal: AbortSignal,
): Promise<Origin> {
  const [{ findOrigin }, { gatewaysOf }, config] = await Promise.all([
    import('../../flows/sharing/origin.ts'),
    import('../../networks.ts'),
    readConfig(folder),
  ])
  const gateways = [
    client.state.urls.gateway,
    ...gatewaysOf(network, config.networks.profiles),
    ...(config.content.gateways ?? []),
  ]
  return findOrigin(target, {
    history: (name) => client.stream('log', { name, network }, { signal }),
    gateways: async () => gateways,
  })
}

async function askForFile({ folder }: EmulatorLink, name: string): Promise<string> {
  const chosen = await window.showSaveDialog({
    title: l10n.t('Export CAR'),
    saveLabel: l10n.t('Export'),
    defaultUri: Uri.joinPath(folder.uri, `${basename(name)}.car`),
    filters: { CAR: ['car'] },
  })
  return unlessGivenUp(chosen).fsPath
}

async function askForPiece(): Promise<boolean> {
  const items = [
    { label: l10n.t('CAR Alone'), piece: false },
    {
      label: l10n.t('CAR and Its Piece CID'),
      detail: l10n.t("What Filecoin's tools call it by; takes longer for large ones."),
      piece: true,
    },
  ]
  const chosen = await window.showQuickPick(items, { title: l10n.t('Export CAR') })
  return unlessGivenUp(chosen).piece
}

async function tell({ file, root, bytes, blocks, piece }: ExportedCar): Promise<void> {
  const [reveal, copy] = [l10n.t('Reveal'), l10n.t('Copy Piece CID')]
  const size = l10n.t('{0} in {1} blocks', formatBytes(bytes), blocks)
  const said = l10n.t('{0}: {1}, root {2}', basename(file), size, root)
  const words = piece ? `${said}, ${l10n.t('piece {0}', piece.cid)}` : said
  const chosen = await window.showInformationMessage(words, reveal, ...(piece ? [copy] : []))
  if (chosen === reveal) await commands.executeCommand('revealFileInOS', Uri.file(file))
  if (piece && chosen === copy) await env.clipboard.writeText(piece.cid)
}
