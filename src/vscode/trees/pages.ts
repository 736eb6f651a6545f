// A long list that is read page by page, and the line at its end that reads one more.

import { ThemeIcon, l10n } from 'vscode'
import { commands as ids } from '../ids.ts'
import { leaf } from './leaf.ts'
import type { Node } from './node.ts'

/** How many are shown, which grows when more are asked for. */
export class Pages {
  readonly #size: number
  #shown: number

  /** `first` is less where the beginning is to be seen before a whole page is read. */
  constructor(size: number, first = size) {
    this.#size = size
    this.#shown = first
  }

  get shown(): number {
    return this.#shown
  }

  get isWhole(): boolean {
    return this.#shown >= this.#size
  }

  /** To a whole page, then to twice as much each time: the end of a long list is a few steps away. */
  grow(): void {
    this.#shown = Math.max(this.#size, this.#shown * 2)
  }
}

export interface MoreNode extends Node {
  more: () => void
}

/** `more` is carried out by the command, of the line that was clicked. */
export function moreNode(shown: number, more: () => void): MoreNode {
  const command = { command: ids.loadMore, title: l10n.t('Load More') }
  const look = {
    // Another line each time, so that a click on it always selects it.
    id: `more ${shown}`,
    ...{ label: l10n.t('Load more'), description: l10n.t('{0} are shown', shown) },
    ...{ icon: new ThemeIcon('ellipsis'), contextValue: 'more', command },
  }
  return leaf(look, { more })
}
