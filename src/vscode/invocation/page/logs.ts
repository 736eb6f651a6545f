// What the call logged, by level; each level that there is can be left out.

import { button, make, rove } from './dom.ts'
import type { Scene } from './page.ts'

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const

export function showLogs(scene: Scene): HTMLElement[] {
  const { record, texts } = scene
  if (record.logs.length === 0) return [make('p', { class: 'empty' }, texts.noLogs)]
  const rows = make('tbody')
  const none = make('p', { class: 'empty' }, texts.noneShown)
  const render = (): void => {
    const shown = record.logs.filter(({ level }) => !scene.hidden.includes(level))
    rows.replaceChildren(
      ...shown.map(({ level, message }) =>
        make('tr', { class: level }, make('td', {}, level), make('td', {}, message)),
      ),
    )
    none.hidden = shown.length > 0
  }
  render()
  const head = make(
    'tr',
    {},
    make('th', { scope: 'col' }, texts.level),
    make('th', { scope: 'col' }, texts.message),
  )
  return [
    showFilter(scene, render),
    make('table', { class: 'logs', 'aria-label': texts.logs }, make('thead', {}, head), rows),
    none,
  ]
}

function showFilter(scene: Scene, render: () => void): HTMLElement {
  const { record, texts } = scene
  const counted = levels
    .map((level) => ({ level, count: record.logs.filter((line) => line.level === level).length }))
    .filter(({ count }) => count > 0)
  const items = counted.map(({ level, count }) => {
    const item = button(
      `${level} ${count}`,
      () => {
        const isHidden = scene.hidden.includes(level)
        scene.hidden = isHidden ? scene.hidden.filter((each) => each !== level) : [...scene.hidden, level]
        scene.save()
        item.setAttribute('aria-pressed', `${isHidden}`)
        render()
      },
      { 'aria-pressed': `${!scene.hidden.includes(level)}`, id: `level-${level}`, class: level },
    )
    return item
  })
  rove(items, items[0])
  return make('div', { role: 'toolbar', 'aria-label': texts.levels, class: 'chooser segments' }, ...items)
}
