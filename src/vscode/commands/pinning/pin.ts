// Pin Remotely: content to a pinning service, and what that says of it, as it was returned.

import { type LogOutputChannel, l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import { printable } from '../../../base/printable.ts'
import type { ControlClient } from '../../../client/control.ts'
import type { PinStatus } from '../../../content/pinning/messages.ts'
import type { Decision, RemotePinEvent } from '../../../flows/pin.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import { runVisibly } from '../../progress.ts'
import { chooseName } from '../choose.ts'
import { type Desk, type Run, linkFor } from '../command.ts'
import { originOf } from '../export.ts'
import type { Given } from '../given.ts'
import { readConfig } from '../../settings.ts'
import { type OpenService, chooseService, openService } from './services.ts'
import type { PinningTokens } from './tokens.ts'

interface Parts {
  tokens: PinningTokens
  /** Made when there is first something to say. */
  channel: () => LogOutputChannel
}

export function pinCommand(desk: Desk, parts: Parts): Run {
  return (given) => pin(desk, parts, given)
}

export function forgetTokenCommand(desk: Desk, { tokens }: Parts): Run {
  return (given) => forgetToken(desk, tokens, given)
}

/** The last status that the service returned. */
async function pin(desk: Desk, { tokens, channel }: Parts, given: Given): Promise<PinStatus> {
  const link = await linkFor(desk, given)
  const client = await link.require()
  const { pinning } = await readConfig(link.folder)
  const target = given.cid ?? given.name ?? (await chooseName(client, 'emulator', l10n.t('Pin Remotely')))
  const name = given.service ?? (await chooseService(pinning.services, tokens))
  const service = await openService(name, { client, services: pinning.services, tokens })
  const last = await runVisibly(l10n.t('Pinning {0} at {1}', target, name), (signal, say) =>
    pinAt({ link, client, service, target, given }, signal, (event) => {
      const words = sayEvent(event)
      channel().info(`${name}: ${words}`)
      say(words)
    }),
  )
  if (given.service === undefined) void tellEnd(name, last, channel())
  return last
}

interface Pinning {
  link: EmulatorLink
  client: ControlClient
  service: OpenService
  target: string
  given: Given
}

async function pinAt(
  { link, client, service, target, given }: Pinning,
  signal: AbortSignal,
  tell: (event: RemotePinEvent) => void,
): Promise<PinStatus> {
  const [{ pinRemotely }, { offerOf }, { PinningClient }, { watchPin }] = await Promise.all([
    import('../../../flows/pin.ts'),
    import('../../../flows/sharing/offer.ts'),
    import('../../../content/pinning/client.ts'),
    import('../../../content/pinning/watch.ts'),
  ])
  const origin = await originOf({ client, target, network: 'emulator' }, link, signal)
  if (origin.segments.length > 0) {
    throw new WasmateError('INPUT_INVALID', l10n.t('a name or a CID is pinned, no path'))
  }
  const remote = new PinningClient(service)
  const { kuboUrl } = (await readConfig(link.folder)).content
  const stages = {
    ...{ service, client: remote, content: offerOf(origin, { kuboUrl, signal }), decide },
    watch: (first: PinStatus): Promise<PinStatus> =>
      watchPin(remote, first, { signal, tell: (status) => tell({ kind: 'status', status }) }),
  }
  const named = given.name !== undefined || given.cid === undefined ? { name: given.name ?? target } : {}
  const request = { cid: origin.root.toString(), ...named, upload: given.upload ?? false, background: false }
  return pinRemotely(request, stages, { signal, report: () => undefined }, tell)
}

/** The service is elsewhere, and the node here listens on loopback only. */
async function decide(reason: string, canUpload: boolean): Promise<Decision> {
  const upload = l10n.t('Upload a CAR')
  const ask = l10n.t('Ask Anyway')
  const detail = canUpload
    ? l10n.t('It can be sent to the service as a CAR.')
    : l10n.t(
        'The service takes no CAR: its uploadUrl is not in the settings. It may still find it elsewhere.',
      )
  const options = { modal: true, detail }
  const answer = await window.showWarningMessage(reason, options, ...(canUpload ? [upload] : []), ask)
  if (answer === upload) return 'upload'
  if (answer === ask) return 'ask'
  throw new WasmateError('CANCELLED')
}

function sayEvent(event: RemotePinEvent): string {
  if (event.kind === 'warning') return event.warning
  if (event.kind === 'uploaded') return l10n.t('uploaded {0}', event.cid)
  return sayStatus(event.status)
}

/** As returned: what the service tells in `info` stands behind it word for word. */
function sayStatus({ status, requestid, info = {} }: PinStatus): string {
  const told = Object.keys(info).length > 0 ? ` ${JSON.stringify(info)}` : ''
  return printable(`${status} ${requestid}${told}`, 300)
}

async function tellEnd(service: string, status: PinStatus, channel: LogOutputChannel): Promise<void> {
  const show = l10n.t('Show Details')
  const words = l10n.t('{0} says: {1}', service, `${status.status} ${printable(status.pin.cid, 120)}`)
  if ((await window.showInformationMessage(words, show)) === show) channel.show(true)
}

async function forgetToken(desk: Desk, tokens: PinningTokens, given: Given): Promise<string> {
  const { pinning } = await readConfig(desk.emulators.all[0]?.folder)
  const service = given.service ?? (await chooseService(pinning.services, tokens))
  const url = pinning.services[service]?.url
  if (url === undefined) {
    throw new WasmateError('PINNING_SERVICE_UNKNOWN', l10n.t('{0} has no token of yours', service))
  }
  await tokens.forget(service, url)
  window.setStatusBarMessage(l10n.t('The token of {0} is forgotten', service), 5_000)
  return service
}
