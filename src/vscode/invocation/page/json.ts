// JSON as a tree whose branches fold (ARIA Authoring Practices, tree view): one line each, one stop for the Tab key.

import type { Texts } from '../texts.ts'
import { fill, make } from './dom.ts'

const maxLines = 2000

interface Line {
  element: HTMLElement
  depth: number
  isBranch: boolean
}

export function showJson(value: unknown, texts: Texts): HTMLElement[] {
  const lines: Line[] = []
  addLines(lines, { key: undefined, value, depth: 1, position: [1, 1] })
  const isCut = lines.length >= maxLines
  const tree = make('div', { role: 'tree', 'aria-label': texts.json, class: 'json' })
  tree.append(...lines.map(({ element }) => element))
  const [first] = lines
  if (first) first.element.tabIndex = 0
  tree.addEventListener('keydown', (event) => move(event, lines))
  tree.addEventListener('click', ({ target }) => {
    const line = lines.find(({ element }) => target instanceof Node && element.contains(target))
    if (!line) return
    focus(line, lines)
    if (line.isBranch && !String(getSelection() ?? '')) fold(line, lines, isOpen(line))
  })
  return [...(isCut ? [make('p', { class: 'note' }, fill(texts.cutHere, maxLines))] : []), tree]
}

interface Entry {
  key: string | undefined
  value: unknown
  depth: number
  /** Its place among those of the same branch, from 1, and how many these are. */
  position: [number, number]
}

function addLines(lines: Line[], { key, value, depth, position: [place, count] }: Entry): void {
  if (lines.length >= maxLines) return
  const isBranch = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  const element = make(
    'div',
    {
      ...{
        role: 'treeitem',
        tabindex: -1,
        'aria-level': depth,
        'aria-posinset': place,
        'aria-setsize': count,
      },
      ...(isBranch && { 'aria-expanded': 'true' }),
    },
    key !== undefined && make('span', { class: 'key' }, key),
    key !== undefined && ': ',
    showValue(value),
  )
  element.style.setProperty('--depth', `${depth}`)
  lines.push({ element, depth, isBranch })
  if (!isBranch) return
  const entries = Object.entries(value)
  for (const [index, [name, inner]] of entries.entries()) {
    addLines(lines, { key: name, value: inner, depth: depth + 1, position: [index + 1, entries.length] })
  }
}

function showValue(value: unknown): HTMLElement {
  if (Array.isArray(value)) return make('span', { class: 'branch' }, `[ ${value.length || ''} ]`)
  if (typeof value === 'object' && value !== null) {
    return make('span', { class: 'branch' }, `{ ${Object.keys(value).length || ''} }`)
  }
  return make('span', { class: value === null ? 'null' : typeof value }, JSON.stringify(value))
}

function isOpen({ element }: Line): boolean {
  return element.getAttribute('aria-expanded') === 'true'
}

/** Hides what is below, or shows it but for what is folded in there. */
function fold(line: Line, lines: Line[], isClosed: boolean): void {
  line.element.setAttribute('aria-expanded', `${!isClosed}`)
  let closedAt = isClosed ? line.depth : Infinity
  for (const below of lines.slice(lines.indexOf(line) + 1)) {
    if (below.depth <= line.depth) return
    if (below.depth <= closedAt && !isClosed) closedAt = Infinity
    below.element.hidden = below.depth > closedAt
    if (!below.element.hidden && below.isBranch && !isOpen(below)) closedAt = below.depth
  }
}

function focus(line: Line | undefined, lines: Line[]): void {
  if (!line) return
  for (const { element } of lines) element.tabIndex = element === line.element ? 0 : -1
  line.element.focus()
}

function move(event: KeyboardEvent, all: Line[]): void {
  const lines = all.filter(({ element }) => !element.hidden)
  const index = lines.findIndex(({ element }) => element === document.activeElement)
  const line = lines[index]
  if (!line) return
  const parent = lines.slice(0, index).findLast(({ depth }) => depth < line.depth)
  const isFoldable = line.isBranch && isOpen(line)
  const steps: Record<string, () => void> = {
    ArrowDown: () => focus(lines[index + 1], all),
    ArrowUp: () => focus(lines[index - 1], all),
    Home: () => focus(lines[0], all),
    End: () => focus(lines.at(-1), all),
    ArrowLeft: () => (isFoldable ? fold(line, all, true) : focus(parent, all)),
    ArrowRight: () => (line.isBranch && !isFoldable ? fold(line, all, false) : focus(lines[index + 1], all)),
    Enter: () => line.isBranch && fold(line, all, isFoldable),
    ' ': () => line.isBranch && fold(line, all, isFoldable),
  }
  const step = steps[event.key]
  if (!step) return
  event.preventDefault()
  step()
}
