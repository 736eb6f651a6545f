// The settings of a folder: what a person has set in the editor, as the core takes it.

import { type ConfigurationChangeEvent, type WorkspaceFolder, workspace } from 'vscode'

/** Settings of the editor itself, which no emulator knows. */
const editorAreas = new Set(['editor', 'tools'])

/** Told to an emulator that runs; see emulator/networks.ts. */
const toldAreas = new Set(['networks'])

interface Setting {
  area: string
  name: string
  value: unknown
}

/** As `parseConfig` takes them: those that are not at their default, by area and name. */
export function readSettings(folder: WorkspaceFolder | undefined): Record<string, Record<string, unknown>> {
  const settings: Record<string, Record<string, unknown>> = {}
  for (const { area, name, value } of listSet(folder)) settings[area] = { ...settings[area], [name]: value }
  return settings
}

/** As the command line takes them with `--set`: `area.name=value`, the value as JSON. */
export function readAssignments(folder: WorkspaceFolder): string[] {
  return listSet(folder).map(({ area, name, value }) => `${area}.${name}=${JSON.stringify(value)}`)
}

/** Whether an emulator of this folder would be started with something else now. */
export function affectsEmulator(change: ConfigurationChangeEvent, folder: WorkspaceFolder): boolean {
  const areas = Object.keys(workspace.getConfiguration('wasmate', folder.uri))
  return areas.some(
    (area) =>
      !editorAreas.has(area) &&
      !toldAreas.has(area) &&
      change.affectsConfiguration(`wasmate.${area}`, folder),
  )
}

function listSet(folder: WorkspaceFolder | undefined): Setting[] {
  const all = workspace.getConfiguration('wasmate', folder?.uri)
  const areas = Object.entries(all).filter(([area, value]) => !editorAreas.has(area) && isArea(value))
  const known = areas.flatMap(([area, names]) => Object.keys(names as object).map((name) => ({ area, name })))
  return known.flatMap(({ area, name }) => {
    const key = `${area}.${name}`
    const value: unknown = all.get(key)
    const isDefault = JSON.stringify(value) === JSON.stringify(all.inspect(key)?.defaultValue)
    if (isDefault || value === null || value === undefined) return []
    // Objects come as proxies that can't be changed or cloned.
    return [{ area, name, value: JSON.parse(JSON.stringify(value)) as unknown }]
  })
}

function isArea(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
