// What a CAR is made of: a name or a CID, with or without a path, and the gateways it may come from.

import { WasmateError } from '../../base/errors.ts'
import { attach } from '../../client/control.ts'
import { type Origin, findOrigin } from '../../flows/sharing/origin.ts'
import { gatewaysOf } from '../../networks.ts'
import { openNames } from '../names.ts'
import type { Session } from '../session.ts'

/** The running emulator's gateway first. Throws EMULATOR_NOT_RUNNING when there is nowhere to fetch from. */
export function originOf(session: Session, target: string, network: string): Promise<Origin> {
  return findOrigin(target, {
    history: async (name) => {
      const names = await openNames(session, network)
      return names.history(name, { signal: session.signal, report: session.output.progress })
    },
    gateways: () => findGateways(session, network),
  })
}

async function findGateways({ workspace, config, signal }: Session, network: string): Promise<string[]> {
  const named = gatewaysOf(network, config.networks.profiles)
  const elsewhere = [...named, ...(config.content.gateways ?? [])]
  try {
    const { state } = await attach(workspace, signal)
    return [state.urls.gateway, ...elsewhere]
  } catch (error) {
    // Nothing runs: the settings may name others.
    if (error instanceof WasmateError && error.code !== 'CANCELLED' && elsewhere.length > 0) return elsewhere
    throw error
  }
}
