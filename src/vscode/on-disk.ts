// The functions of a folder while no emulator tells of them: by its files alone.

import type { WorkspaceFolder } from 'vscode'
import type { WasmateError } from '../base/errors.ts'
import type { Source } from '../model.ts'

export interface OnDisk {
  sources: Source[]
  /** Folders whose wasmate.json is not valid, or names what is not there. */
  broken: [folder: string, error: WasmateError][]
}

/** What is listed is not called from here: any limits do. */
const limits = { timeoutMs: 1, maxMemoryBytes: 65_536 }

export async function listOnDisk({ uri }: WorkspaceFolder): Promise<OnDisk> {
  const { listSources } = await import('../build/source.ts')
  const broken: OnDisk['broken'] = []
  const sources = await listSources(uri.fsPath, limits, (folder, error) => void broken.push([folder, error]))
  return { sources, broken }
}
