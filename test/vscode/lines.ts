// For tests inside of the extension host: the lines of a view of the sidebar, as they are shown and spoken.

import assert from 'node:assert/strict'
import { type ThemeIcon, extensions } from 'vscode'
import type { Api } from '../../src/extension.ts'
import { views as viewIds } from '../../src/vscode/ids.ts'
import type { Node } from '../../src/vscode/trees/node.ts'
import { until } from '../helpers/until.ts'

export type ViewName = keyof typeof viewIds

export interface Line {
  node: Node
  label: string
  description: string
  icon: string
  context: string
  spoken: string
  tooltip: string
}

let api: Api

export async function openViews(): Promise<void> {
  const extension = extensions.getExtension<Api>('wasmate.wasmate')
  assert.ok(extension)
  api = await extension.activate()
}

export async function linesOf(view: ViewName, parent?: Node): Promise<Line[]> {
  const provider = api.views[viewIds[view]]
  assert.ok(provider)
  const nodes = (await provider.getChildren(parent)) ?? []
  return nodes.map((node) => {
    const item = provider.resolveTreeItem(provider.getTreeItem(node), node)
    const { label, description, contextValue = '', accessibilityInformation, iconPath, tooltip } = item
    const told = typeof tooltip === 'string' ? tooltip : tooltip?.value
    return {
      ...{
        node,
        label: typeof label === 'string' ? label : '',
        description: String(description ?? ''),
        context: contextValue,
      },
      icon: (iconPath as ThemeIcon | undefined)?.id ?? '',
      spoken: accessibilityInformation?.label ?? '',
      tooltip: (told ?? '').replaceAll('\\', ''),
    }
  })
}

/** The line once there is one like it, without anybody asking the view to look again. */
export async function soon(view: ViewName, wanted: (line: Line) => boolean): Promise<Line> {
  let found: Line | undefined
  const look = async (): Promise<boolean> => (found = (await linesOf(view)).find(wanted)) !== undefined
  await until(look, `a line in ${view}`)
  assert.ok(found)
  return found
}

/** Resolves when the view says that it has changed. */
export function change(view: ViewName): Promise<void> {
  return new Promise((resolve) => {
    const listening = api.views[viewIds[view]]?.onDidChangeTreeData(() => {
      listening?.dispose()
      resolve()
    })
  })
}
