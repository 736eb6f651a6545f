// Deploy to Network: what the emulator has built and pinned, taken to a network where it costs something.

import { Uri, env, l10n, window } from 'vscode'
import type { ControlClient } from '../../../client/control.ts'
import type { DeployedThere, DeployingStages } from '../../../flows/deploying/deploy.ts'
import type { Places } from '../../../flows/deploying/keeping.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import { runVisibly } from '../../progress.ts'
import type { Given } from '../given.ts'
import { openService } from '../pinning/services.ts'
import type { PinningTokens } from '../pinning/tokens.ts'
import { sayStep } from '../steps.ts'
import type { NetworkAccounts } from './accounts.ts'
import { type OpenTarget, openTarget } from './target.ts'

export interface NetworkParts {
  accounts: NetworkAccounts
  tokens: PinningTokens
}

export interface Deploying {
  name: string
  path: string
  link: EmulatorLink
  network: string
}

const patienceMs = 120_000

/** Also writes wasmate.lock. Cancelling stops it until it is sent. */
export async function deployThere(
  { accounts, tokens }: NetworkParts,
  { name, path, link, network }: Deploying,
  given: Given,
): Promise<DeployedThere> {
  const client = await link.require()
  const target = await openTarget(link, accounts, network, given)
  const places = await findPlaces(client, target, tokens)
  const { gateways, content } = { gateways: target.stages.profile.gateways, content: target.config.content }
  const named = gateways ?? content.gateways ?? []
  const [{ deployTo }, { pinnedMaterial }] = await Promise.all([
    import('../../../flows/deploying/deploy.ts'),
    import('../../../flows/deploying/material.ts'),
  ])
  const deployed = await runVisibly(l10n.t('Deploying {0} to {1}', name, network), async (signal, say) => {
    const context = { signal, report: ({ doing }: { doing: string }) => say(doing) }
    const step = ({ step }: { step: Parameters<typeof sayStep>[0] }): void => say(sayStep(step))
    const pinned = await client.stream('pin', { path }, { ...context, step })
    const material = pinnedMaterial(pinned, client.state.urls.gateway, signal)
    const stages: DeployingStages = {
      ...{ ...target.stages, places, patienceMs, maxFetchBytes: content.maxFetchBytes },
      gateways: named.length > 0 ? named : [client.state.urls.gateway],
      replay: (last, asked) =>
        client.stream('against', { path, last, built: { cid: pinned.pin.cid } }, asked),
    }
    return { ...(await deployTo(material, stages, context, step)), profile: material.profile }
  })
  const { Lockfile } = await import('../../../lockfile.ts')
  const { contract, version, publication, profile } = deployed
  const { cid, sha256, size } = publication
  await new Lockfile(link.folder.uri.fsPath).write({
    ...{ name: publication.name, network, contract, version, cid, sha256, size, profile },
  })
  return deployed
}

async function findPlaces(
  client: ControlClient,
  { stages, config }: OpenTarget,
  tokens: PinningTokens,
): Promise<Places> {
  const { kubo, gateway } = client.state.urls
  const node = { kuboUrl: config.content.kuboUrl ?? kubo, gatewayUrl: gateway }
  const { pinning } = stages.profile
  if (pinning === undefined) return { node }
  return { node, service: await openService(pinning, { client, services: config.pinning.services, tokens }) }
}

/** It stays until somebody takes it away: it may have cost something. */
export async function tellDeployedThere(deployed: DeployedThere): Promise<void> {
  const { url } = deployed.transaction ?? {}
  const show = l10n.t('Show Transaction')
  const chosen = await window.showInformationMessage(sayDeployedThere(deployed), ...(url ? [show] : []))
  if (url && chosen === show) await env.openExternal(Uri.parse(url, true))
}

function sayDeployedThere({ state, network, version, publication }: DeployedThere): string {
  const { name, cid } = publication
  return state === 'unchanged'
    ? l10n.t('{0} v{1} on {2} has these bytes already: {3}', name, version, network, cid)
    : l10n.t('{0} v{1} is deployed to {2} and verified: {3}', name, version, network, cid)
}
