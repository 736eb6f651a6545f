// What an emulator is started with in a window of a test: any free ports, and the devnet of the tests.

import { devnetPath } from '../../helpers/devnet.ts'
import { freePorts } from '../../helpers/wasmate.ts'

/** As settings of the user. */
export async function emulatorSettings(): Promise<Record<string, unknown>> {
  const ports = freePorts.map((port) => [`wasmate.${port.replace('=0', '')}`, 0] as const)
  return { ...Object.fromEntries(ports), 'wasmate.devnet.path': await devnetPath() }
}
