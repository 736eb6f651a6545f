// Lines of a view with nothing below them, or with a few that are known already; and what went wrong, as one.

import {
  type Command,
  type MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeItem,
  TreeItemCollapsibleState,
  l10n,
} from 'vscode'
import { errorTable, toWasmateError } from '../../base/errors.ts'
import { sayFailure } from '../failure.ts'
import type { Node } from './node.ts'

export interface Look {
  id?: string
  label: string
  description?: string
  icon?: ThemeIcon
  tooltip?: string | MarkdownString
  /** What menus go by. */
  contextValue?: string
  /** What a screen reader says instead of the label: where an icon carries meaning. */
  spoken?: string
  command?: Command
}

export function toTreeItem(look: Look, state = TreeItemCollapsibleState.None): TreeItem {
  const { label, icon, spoken, ...rest } = look
  return {
    ...rest,
    label,
    collapsibleState: state,
    ...(icon && { iconPath: icon }),
    ...(spoken !== undefined && { accessibilityInformation: { label: spoken } }),
  }
}

/** A line that carries what commands need of it: `cid`, `name`, `address`, `url`. */
export function leaf<Facts extends object>(look: Look, facts: Facts): Node & Facts {
  return { ...facts, toItem: () => toTreeItem(look) }
}

/** A line with lines below it that are known already. */
export function group(look: Look, nodes: Node[]): Node {
  return {
    toItem: () => toTreeItem(look, TreeItemCollapsibleState.Collapsed),
    children: async () => nodes,
  }
}

export const errorIcon = new ThemeIcon('error', new ThemeColor('list.errorForeground'))
export const warningIcon = new ThemeIcon('warning', new ThemeColor('list.warningForeground'))
export const goodIcon = new ThemeIcon('pass-filled', new ThemeColor('testing.iconPassed'))

/** What is wrong, and below it what to do next. */
export function failureNode(error: unknown, icon = errorIcon): Node {
  const { code, detail, next } = toWasmateError(error)
  const label = l10n.t(errorTable[code].message)
  const step: Node = leaf(
    { label: l10n.t(next), icon: new ThemeIcon('lightbulb'), contextValue: `next.${code}` },
    {},
  )
  return group(
    {
      ...{ label, icon, tooltip: sayFailure(error), contextValue: `failure.${code}` },
      ...(detail !== undefined && { description: detail }),
      spoken: sayFailure(error),
    },
    [step],
  )
}
