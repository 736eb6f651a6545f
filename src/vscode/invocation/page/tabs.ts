// Output, input, logs and host calls, one at a time (ARIA Authoring Practices, tabs with automatic activation).

import { showBody } from './body.ts'
import { make, rove } from './dom.ts'
import { showLogs } from './logs.ts'
import { type Scene, type TabName, tabNames } from './page.ts'
import { showTimeline } from './timeline.ts'

export function showTabs(scene: Scene): HTMLElement[] {
  const { texts, record } = scene
  const counts: Partial<Record<TabName, number>> = {
    logs: record.logs.length,
    hostCalls: (record.host?.calls.length ?? 0) + (record.host?.dropped ?? 0),
  }
  const panel = make('section', { role: 'tabpanel', id: 'panel' })
  const tabs = tabNames.map((name) => {
    const count = counts[name] ? make('span', { class: 'count' }, `${counts[name]}`) : undefined
    const attributes = { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel' }
    return make('button', { ...attributes, click: () => choose(name) }, texts[name], count && ' ', count)
  })
  const choose = (name: TabName): void => {
    scene.tab = name
    scene.save()
    for (const tab of tabs) tab.setAttribute('aria-selected', `${tab.id === `tab-${name}`}`)
    panel.setAttribute('aria-labelledby', `tab-${name}`)
    panel.replaceChildren(...show(name, scene))
  }
  choose(scene.tab)
  const nameOf = (tab: HTMLElement): TabName => tabNames.find((name) => tab.id === `tab-${name}`) ?? 'output'
  rove(tabs, tabs[tabNames.indexOf(scene.tab)], (tab) => choose(nameOf(tab)))
  return [make('div', { role: 'tablist', 'aria-label': texts.parts, class: 'tabs' }, ...tabs), panel]
}

function show(name: TabName, scene: Scene): HTMLElement[] {
  if (name === 'logs') return showLogs(scene)
  if (name === 'hostCalls') return showTimeline(scene)
  return showBody(scene, name)
}
