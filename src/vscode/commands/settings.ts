// The settings of a folder, checked and with their defaults.

import type { WorkspaceFolder } from 'vscode'
import type { Config } from '../../config.ts'
import { readSettings } from '../settings.ts'

/** Throws CONFIG_INVALID naming the setting. */
export async function readConfig(folder: WorkspaceFolder | undefined): Promise<Config> {
  const { parseConfig } = await import('../../config.ts')
  return parseConfig(readSettings(folder))
}
