// The invocation view's page: shows the record that the extension sends, and sends back what a person asks for.

import type { PageMessage } from '../messages.ts'
import { showBusy, showHead } from './head.ts'
import { type PageState, type Scene, parseViewMessage, tabNames } from './page.ts'
import { showTabs } from './tabs.ts'

interface Host {
  postMessage(message: PageMessage): void
  getState(): unknown
  setState(state: PageState): void
}

declare function acquireVsCodeApi(): Host

const host = acquireVsCodeApi()
const view = document.getElementById('view')
const said = document.getElementById('said')

function say(words: string): void {
  if (said) said.textContent = words
}

/** What the last page of this panel kept; of another version of this extension, anything. */
function readKept(): Partial<PageState> {
  const kept = host.getState()
  return typeof kept === 'object' && kept !== null ? kept : {}
}

function show({
  record,
  folder,
  choices,
  texts,
}: Pick<Scene, 'record' | 'folder' | 'choices' | 'texts'>): void {
  const kept = readKept()
  const { tab = 'output', hidden = [] } = kept
  const isSame = kept.record?.id === record.id && kept.record.at === record.at
  const scene: Scene = {
    ...{ record, folder, choices, texts },
    tab: tabNames.includes(tab) ? tab : 'output',
    hidden: Array.isArray(hidden) ? hidden : [],
    send: (message) => host.postMessage(message),
    say,
    save: () => {
      const { tab: shown, hidden: levels } = scene
      host.setState({ record, folder, tab: shown, hidden: levels, choices: scene.choices })
    },
  }
  scene.save()
  const focused = document.activeElement?.id
  view?.replaceChildren(...showHead(scene), ...showTabs(scene))
  // Whoever pressed "Run again" by the keyboard stays where he was.
  if (focused) document.getElementById(focused)?.focus()
  if (isSame) return
  const { problem } = record
  say(problem ? `${texts.failed}: ${problem.detail}` : texts.answered)
}

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = parseViewMessage(data)
  if (message?.type === 'show') show(message)
  else if (message?.type === 'busy') showBusy(message.isBusy, say)
})

host.postMessage({ type: 'ready' })
