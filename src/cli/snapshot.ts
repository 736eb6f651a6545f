// wasmate snapshot: the state of the workspace under a name; `wasmate up --restore NAME` brings it back.

import { listSnapshots, removeSnapshot, saveSnapshot } from '../flows/snapshots.ts'
import type { Session } from './session.ts'

export async function saveVerb(
  { workspace, output, signal }: Session,
  { replace }: { replace?: boolean },
  name: string,
): Promise<void> {
  const report = output.progress
  const saved = await saveSnapshot(workspace, name, { replace: replace ?? false, signal, report })
  output.result(saved, `snapshot ${name} is saved; \`wasmate up --restore ${name}\` brings it back`)
}

export async function listVerb({ workspace, output }: Session): Promise<void> {
  const snapshots = await listSnapshots(workspace)
  const lines = snapshots.map(({ name, savedAt }) => `${new Date(savedAt).toISOString()}  ${name}`)
  output.result({ snapshots }, lines.join('\n') || 'no snapshots; `wasmate snapshot save NAME` makes one')
}

export async function removeVerb(
  { workspace, output }: Session,
  _options: object,
  name: string,
): Promise<void> {
  await removeSnapshot(workspace, name)
  output.result({ removed: name }, `snapshot ${name} is removed`)
}
