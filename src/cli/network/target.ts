// What a verb that writes to a network works with: its profile, who signs, where it is kept, and the question before it.

import { WasmateError } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import type { ControlClient } from '../../client/control.ts'
import { findRunning } from '../../client/starting.ts'
import type { ChangingStages } from '../../flows/deploying/change.ts'
import { deploymentsFolder, warningsOf } from '../../flows/deploying/connect.ts'
import type { Places } from '../../flows/deploying/keeping.ts'
import type { NetworkProfile } from '../../networks.ts'
import { prepareWorkspace } from '../../workspace.ts'
import { findService } from '../pinning/service.ts'
import type { Session } from '../session.ts'
import { type FeeOptions, confirmPlan, readMaximum } from './confirm.ts'
import { profileOf } from './remembered.ts'
import { type SigningOptions, openSigner } from './signing.ts'

export interface WritingOptions extends FeeOptions, SigningOptions {
  network: string
}

export async function openTarget(session: Session, options: WritingOptions): Promise<ChangingStages> {
  const { network } = options
  const maximum = readMaximum(options)
  const profile = await profileOf(session, network)
  const signer = await openSigner(session, network, options)
  await prepareWorkspace(session.workspace)
  for (const warning of warningsOf(profile)) session.output.note(`warning: ${warning}`)
  return {
    ...{ network, profile, signer, maximum, log: silentLog },
    folder: deploymentsFolder(session.workspace.state),
    confirm: (plan) => confirmPlan(session, options, plan),
  }
}

/** The running emulator's node, or the Kubo of the settings; and the network's service. */
export async function findPlaces(session: Session, { pinning }: NetworkProfile): Promise<Places> {
  const { config } = session
  const { kuboUrl } = config.content
  const service = pinning === undefined ? undefined : await findService(session, pinning)
  if (kuboUrl !== undefined) return { node: { kuboUrl }, service }
  const client = await findEmulator(session)
  const { kubo, gateway } = client?.state.urls ?? {}
  return { ...(kubo !== undefined && { node: { kuboUrl: kubo, gatewayUrl: gateway } }), service }
}

/** That of the workspace, when one runs; one that another process is starting is waited for. */
export async function findEmulator(
  { workspace, output, signal: cancelled }: Session,
  signal = cancelled,
): Promise<ControlClient | undefined> {
  const onWaiting = (): void => output.progress({ doing: 'waiting for the emulator that is being started' })
  return findRunning(workspace, signal, onWaiting).catch((error: unknown) => {
    if (error instanceof WasmateError && error.code === 'EMULATOR_NOT_RUNNING') return undefined
    throw error
  })
}

/** Of the network, else of the settings, else the node's own, from which nobody elsewhere can fetch. */
export function findGateways(
  { config, output }: Session,
  { gateways }: NetworkProfile,
  { node }: Places,
): readonly string[] {
  const named = gateways ?? config.content.gateways ?? []
  if (named.length > 0) return named
  if (node?.gatewayUrl === undefined) {
    const detail =
      'networks.profiles: the network has no gateways to fetch back from, and no emulator runs here'
    throw new WasmateError('CONFIG_INVALID', detail)
  }
  output.note(`warning: the network has no gateways: it is fetched back from ${node.gatewayUrl} alone`)
  return [node.gatewayUrl]
}
