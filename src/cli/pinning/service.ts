// Which pinning service is meant, and with which token it is asked.

import { WasmateError } from '../../base/errors.ts'
import { findRunning } from '../../client/starting.ts'
import type { RemotePinStages } from '../../flows/pin.ts'
import type { Session } from '../session.ts'

/** Throws PINNING_SERVICE_UNKNOWN, PINNING_TOKEN_MISSING naming the variable, or EMULATOR_NOT_RUNNING. */
export async function findService(
  { config, environment, workspace, signal }: Session,
  name: string,
): Promise<RemotePinStages['service'] & { token: string }> {
  if (name === 'emulator') {
    const { state } = await findRunning(workspace, signal)
    const url = state.urls.pinning
    if (url === undefined)
      throw new WasmateError('PINNING_SERVICE_UNKNOWN', 'the emulator runs on a Kubo of yours')
    return { name, url, uploadUrl: `${url}/upload`, token: state.token }
  }
  const known = config.pinning.services[name]
  if (!known) {
    const names = ['emulator', ...Object.keys(config.pinning.services)].join(', ')
    throw new WasmateError('PINNING_SERVICE_UNKNOWN', `${JSON.stringify(name)}; there are ${names}`)
  }
  const variable = `WASMATE_PINNING_TOKEN_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
  const token = environment.pinningTokens[variable] ?? environment.pinningTokens['WASMATE_PINNING_TOKEN']
  if (!token) throw new WasmateError('PINNING_TOKEN_MISSING', `${variable}, or WASMATE_PINNING_TOKEN`)
  return { name, ...known, token }
}
