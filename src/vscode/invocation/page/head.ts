// What came of the call, what can be done with it, and its facts.

import { isOwn } from '../../../debug-info.ts'
import type { InvocationRecord } from '../../../trace/record.ts'
import { button, fill, make, rove } from './dom.ts'
import type { Scene } from './page.ts'

export function showHead(scene: Scene): HTMLElement[] {
  const { record, texts } = scene
  const { problem } = record
  const name = [record.target, record.export].filter(Boolean).join(' · ')
  const outcome = problem ? texts.failed : texts.answered
  const took = formatDuration(record)
  return [
    make(
      'header',
      {},
      make('h1', { title: name }, name),
      make(
        'p',
        { class: `outcome ${problem ? 'failed' : 'answered'}` },
        took ? `${outcome} · ${took}` : outcome,
      ),
      showActions(scene),
    ),
    ...(problem ? [showProblem(scene, problem)] : []),
    showFacts(scene),
  ]
}

/** While the same call is made once more. */
export function showBusy(isBusy: boolean, say: (words: string) => void): void {
  const again = document.getElementById('run-again')
  if (!again) return
  again.toggleAttribute('data-busy', isBusy)
  again.setAttribute('aria-disabled', `${isBusy}`)
  document.getElementById('view')?.setAttribute('aria-busy', `${isBusy}`)
  if (isBusy) say(again.dataset['running'] ?? '')
}

function showActions({ record, texts, send }: Scene): HTMLElement {
  const again = button(
    texts.runAgain,
    () => {
      if (!again.hasAttribute('data-busy')) send({ type: 'run-again' })
    },
    { id: 'run-again', class: 'primary', 'data-running': texts.running },
  )
  const runWith = button(texts.runWith, () => send({ type: 'run-with' }), { id: 'run-with' })
  const debug = button(texts.debug, () => send({ type: 'debug' }), { id: 'debug' })
  const save =
    record.output && button(texts.save, () => send({ type: 'save', side: 'output' }), { id: 'save' })
  const replay = record.receipt && button(texts.replay, () => send({ type: 'replay' }), { id: 'replay' })
  const items = [again, runWith, debug, ...(replay ? [replay] : []), ...(save ? [save] : [])]
  rove(items, again)
  return make('div', { role: 'toolbar', 'aria-label': texts.actions, class: 'actions' }, ...items)
}

type Problem = NonNullable<InvocationRecord['problem']>

function showProblem(scene: Scene, problem: Problem): HTMLElement {
  const { texts } = scene
  const { callStack } = problem
  const places = (callStack ? [] : (problem.diagnostics ?? [])).map(({ message, severity, ...place }) => {
    return make('li', { class: severity }, linkTo(place, scene), ` ${message}`)
  })
  return make(
    'section',
    { class: 'problem', 'aria-label': texts.failed },
    make('p', { class: 'detail' }, problem.detail),
    make('p', { class: 'next' }, make('strong', {}, `${texts.next}: `), problem.next),
    places.length > 0 && make('ul', { 'aria-label': texts.places }, ...places),
    callStack && showStack(callStack, scene),
    make('p', { class: 'code' }, problem.code),
  )
}

/** Innermost first. */
function showStack({ frames, linesMissing }: NonNullable<Problem['callStack']>, scene: Scene): HTMLElement {
  const { texts } = scene
  const rows = frames.map(({ name, offset, file, line = 1, column = 0 }) => {
    if (file === undefined) return make('li', {}, `${name} 0x${offset.toString(16)}`)
    const place = isOwn(file) ? linkTo({ file, line, column: Math.max(column, 1) }, scene) : `${file}:${line}`
    return make('li', {}, `${name} `, place)
  })
  return make(
    'div',
    {},
    make('ol', { class: 'stack', 'aria-label': texts.callStack }, ...rows),
    linesMissing !== undefined && make('p', {}, `${texts.noLines}: ${linesMissing}`),
  )
}

function linkTo(
  { file, line, column }: { file: string; line: number; column: number },
  { send }: Scene,
): Node {
  const open = (): void => send({ type: 'open-source', file, line, column })
  return button(`${file}:${line}:${column}`, open, { class: 'link' })
}

function showFacts(scene: Scene): HTMLElement {
  const { record, texts } = scene
  const { at, cid, version, via } = record
  const facts: [string, (Node | string)[]][] = [
    ['CID', cid === undefined ? [] : showCid(scene, cid)],
    [texts.function, [record.target]],
    [texts.version, version === undefined ? [] : [`${version}`]],
    [texts.export, record.export === undefined ? [] : [record.export]],
    [texts.duration, formatDuration(record) === undefined ? [] : [formatDuration(record) ?? '']],
    [texts.time, [make('time', { datetime: new Date(at).toISOString() }, formatTime(at))]],
    [texts.via, [via === 'http' ? texts.viaHttp : texts.viaEditor]],
    ...receiptFacts(scene),
  ]
  const rows = facts
    .filter(([, shown]) => shown.length > 0)
    .map(([name, shown]) => make('div', {}, make('dt', {}, name), make('dd', {}, ...shown)))
  return make('dl', { class: 'facts', 'aria-label': texts.facts }, ...rows)
}

/** What its receipt says; nothing where the call left none. */
function receiptFacts(scene: Scene): [string, (Node | string)[]][] {
  const { record, texts } = scene
  const { receipt, fuel, fuelMissing, unfaithful } = record
  if (receipt === undefined) return []
  const counted = fuel === undefined ? undefined : fill(texts.instructions, formatCount(fuel))
  const notCounted = fuelMissing === undefined ? undefined : fill(texts.notCounted, fuelMissing)
  const faith =
    unfaithful && (unfaithful.length === 0 ? texts.faithful : fill(texts.notFaithful, unfaithful.join('; ')))
  const copy = copyButton(scene, receipt, { 'aria-label': texts.copyReceipt, id: 'copy-receipt' })
  return [
    [texts.receipt, [make('span', { class: 'cid' }, receipt), ' ', copy]],
    [texts.fuel, [counted ?? notCounted ?? []].flat()],
    [texts.recording, [faith ?? []].flat()],
  ]
}

function showCid(scene: Scene, cid: string): (Node | string)[] {
  const { texts, send } = scene
  const attributes = { class: 'link cid', title: texts.openCid, id: 'open-cid' }
  const open = button(cid, () => send({ type: 'open-cid' }), attributes)
  return [open, ' ', copyButton(scene, cid, { 'aria-label': texts.copyCid, id: 'copy-cid' })]
}

function copyButton(
  { texts, send, say }: Scene,
  text: string,
  attributes: Record<string, string>,
): HTMLElement {
  const copy = (): void => {
    send({ type: 'copy', text })
    say(texts.copied)
  }
  return button(texts.copy, copy, { class: 'copy', ...attributes })
}

function formatTime(at: number): string {
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at)
}

function formatCount(count: number): string {
  return new Intl.NumberFormat(document.documentElement.lang).format(count)
}

function formatDuration({ durationMs }: InvocationRecord): string | undefined {
  return durationMs === undefined ? undefined : formatMs(durationMs)
}

export function formatMs(ms: number): string {
  const [value, unit] = ms >= 1000 ? [ms / 1000, 'second'] : [ms, 'millisecond']
  const digits = { maximumSignificantDigits: 3 }
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, ...digits }).format(
    value,
  )
}
