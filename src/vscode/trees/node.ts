// What stands in a view: it says how it looks and what is below it.

import type { MarkdownString, TreeItem, Uri } from 'vscode'

export interface Node {
  /** Of whose emulator it tells, for commands that take it; the view says so. */
  folder?: Uri
  toItem(): TreeItem
  /** Made when it is first looked at. */
  tooltip?(): MarkdownString
  /** Absent: nothing is below it. Throws WasmateError. */
  children?(): Promise<Node[]>
}
