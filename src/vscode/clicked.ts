// The line that was clicked, for the command of that click. VS Code forgets the arguments of such a command as soon as
// the view is read anew, and a click in that moment ends in "Actual command not found"; what is selected it goes on
// knowing, by the ids of the lines.

import type { Disposable, TreeView } from 'vscode'
import type { Node } from './trees/node.ts'
import type { View } from './trees/view.ts'

interface Place {
  tree: TreeView<Node>
  view: View
}

export class Clicked {
  #last: Place | undefined

  /** Lines of this view can be clicked. */
  watch(tree: TreeView<Node>, view: View): Disposable {
    return tree.onDidChangeSelection(() => (this.#last = { tree, view }))
  }

  /** Of a view that is being read anew, once it is read; `undefined` when the line is gone by then. */
  async line(): Promise<Node | undefined> {
    if (!this.#last) return undefined
    const { tree, view } = this.#last
    if (tree.selection.length === 0) await view.read()
    return tree.selection[0]
  }
}
