// What the call asked of its host, in order: a table that is read line by line, with a bar for when and how long.

import type { HostCall } from '../../../host-trace.ts'
import { fill, make } from './dom.ts'
import { formatMs } from './head.ts'
import type { Scene } from './page.ts'

export function showTimeline({ record, texts }: Scene): HTMLElement[] {
  const { host, durationMs = 0 } = record
  if (!host) return [make('p', { class: 'empty' }, texts.notTraced)]
  if (host.calls.length === 0) return [make('p', { class: 'empty' }, texts.noHostCalls)]
  const wholeMs = Math.max(durationMs, ...host.calls.map(({ atMs, tookMs }) => atMs + tookMs))
  const names = [texts.at, '', texts.call, texts.asked, texts.gotBack, texts.took]
  const head = names.map((name) =>
    name
      ? make('th', { scope: 'col', class: name === texts.call ? 'name' : '' }, name)
      : make('td', { class: 'track', 'aria-hidden': 'true' }),
  )
  const table = make(
    'table',
    { class: 'timeline', 'aria-label': texts.hostCalls },
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...host.calls.map((call) => showRow(call, wholeMs))),
  )
  const dropped = host.dropped > 0 && make('p', { class: 'note' }, fill(texts.dropped, host.dropped))
  return dropped ? [table, dropped] : [table]
}

function showRow(
  { kind, name, atMs, tookMs, asked, answered, failed }: HostCall,
  wholeMs: number,
): HTMLElement {
  const bar = make('span', { class: `bar ${kind}` })
  const percent = (ms: number): string => `${wholeMs > 0 ? Math.min(100, (ms / wholeMs) * 100) : 0}%`
  bar.style.insetInlineStart = percent(atMs)
  bar.style.inlineSize = percent(tookMs)
  return make(
    'tr',
    { class: failed ? 'error' : '' },
    make('td', { class: 'number' }, formatMs(atMs)),
    make('td', { class: 'track', 'aria-hidden': 'true' }, bar),
    make('td', { class: 'name' }, name),
    make('td', {}, asked ?? ''),
    make('td', {}, answered ?? ''),
    make('td', { class: 'number' }, formatMs(tookMs)),
  )
}
