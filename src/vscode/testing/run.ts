// Runs chosen cases by `wasmate test` in a process of its own, and shows what becomes of each.

import { dirname } from 'node:path'
import { type TestRun, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { readAssignments } from '../settings.ts'
import { type Chosen, type ShownRun, showRun } from './shown.ts'

interface Asked {
  run: TestRun
  chosen: Chosen[]
  /** File of the command line. */
  entry: string
  signal: AbortSignal
  /** Whether it is shown what of the sources has run. */
  coverage: boolean
}

export async function runTests(asked: Asked): Promise<void> {
  const { run, chosen, signal } = asked
  await showRun(run, groupChosen(chosen), (group, shown) => runGroup(group, shown, asked), signal)
}

/** Functions of one folder whose cases all run share a process, which has the compiler loaded once. */
function groupChosen(chosen: Chosen[]): Chosen[][] {
  const groups = new Map<string, Chosen[]>()
  for (const each of chosen) {
    const folder = workspace.getWorkspaceFolder(each.uri)?.uri.toString() ?? ''
    const key = each.isAll ? folder : each.uri.toString()
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()]
}

async function runGroup(group: Chosen[], shown: ShownRun, { entry, signal, coverage }: Asked): Promise<void> {
  const [first] = group
  const folder = first && workspace.getWorkspaceFolder(first.uri)
  if (!folder || folder.uri.scheme !== 'file') {
    throw new WasmateError('SOURCE_NOT_FOUND', `${first?.uri.toString()} is not in a folder of this machine`)
  }
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED', folder.name)
  const { runCasesApart } = await import('../../client/cases.ts')
  const paths = group.map(({ uri }) => dirname(uri.fsPath))
  const names = first.isAll ? [] : first.cases.map(({ id }) => id)
  const settings = readAssignments(folder)
  const asked = { entry, folder: folder.uri.fsPath, paths, names, settings, coverage }
  await runCasesApart(asked, (event) => shown.show(event), signal)
}
