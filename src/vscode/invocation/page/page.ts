// What the parts of the page share: the record that is shown, how it is shown, and the way to the extension.

import type { InvocationRecord } from '../../../trace/record.ts'
import type { Choices, PageMessage, ViewMessage } from '../messages.ts'
import type { Texts } from '../texts.ts'

export const tabNames = ['output', 'input', 'logs', 'hostCalls'] as const
export type TabName = (typeof tabNames)[number]

/** Kept by VS Code while the page is hidden, and over a reload of the window. */
export interface PageState {
  record: InvocationRecord
  folder?: string | undefined
  tab: TabName
  /** Levels of logs that are not shown. */
  hidden: string[]
  choices: Choices
}

export interface Scene extends PageState {
  texts: Texts
  send(message: PageMessage): void
  /** Read aloud by a screen reader. */
  say(words: string): void
  /** Keeps how it is shown. */
  save(): void
}

/** Only the extension can post here; what is not of its making is passed over all the same. */
export function parseViewMessage(value: unknown): ViewMessage | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  const message = value as ViewMessage
  if (message.type === 'busy') return typeof message.isBusy === 'boolean' ? message : undefined
  if (message.type !== 'show') return undefined
  const { record, texts, choices } = message as Partial<typeof message>
  const isWhole = typeof record === 'object' && typeof texts === 'object' && typeof choices === 'object'
  return isWhole && typeof record.input === 'object' && Array.isArray(record.logs) ? message : undefined
}
