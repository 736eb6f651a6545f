// How values read in a view: short, in the editor's language, and without what would disguise them.

import { MarkdownString, env } from 'vscode'
import { printable } from '../../base/printable.ts'

/** The longest that a line of a view shows of anything foreign. */
const maxLength = 200

/** Text of others, on one line. */
export function oneLine(text: string): string {
  return printable(text, maxLength).replaceAll('\n', ' ')
}

/** Its beginning and its end: most CIDs begin alike. */
export function shorten(text: string, head = 10, tail = 6): string {
  const clean = oneLine(text)
  return clean.length <= head + tail + 1 ? clean : `${clean.slice(0, head)}…${clean.slice(-tail)}`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB']
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length)
  return `${format(bytes / 1024 ** power, 1)} ${units[power - 1]}`
}

export function formatDuration(ms: number): string {
  if (ms < 1) return `${format(ms, 2)} ms`
  return ms < 1000 ? `${format(ms, ms < 10 ? 1 : 0)} ms` : `${format(ms / 1000, 1)} s`
}

/** Milliseconds since 1970; of today only the time. */
export function formatTime(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return '?'
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? date.toLocaleTimeString(env.language) : date.toLocaleString(env.language)
}

const friInStrk = 10n ** 18n

/** Decimal digits of FRI, the smallest unit; four places, cut and not rounded: never more than there is. */
export function formatStrk(fri: string): string {
  const amount = /^\d+$/.test(fri) ? BigInt(fri) : undefined
  if (amount === undefined) return '? STRK'
  const places = (amount % friInStrk).toString().padStart(18, '0').slice(0, 4).replace(/0+$/, '')
  const isTiny = amount > 0n && amount < friInStrk / 10_000n
  const whole = (amount / friInStrk).toLocaleString(env.language)
  const point = (1.5).toLocaleString(env.language).charAt(1)
  return isTiny ? `< 0${point}0001 STRK` : `${whole}${places && point + places} STRK`
}

function format(value: number, maximumFractionDigits: number): string {
  return value.toLocaleString(env.language, { maximumFractionDigits })
}

/** Pairs, one a line, the values as they are: nothing in them is taken for Markdown, a link or an icon. */
export function tooltipOf(
  title: string,
  facts: readonly (readonly [string, string | undefined])[],
): MarkdownString {
  const text = new MarkdownString()
  text.appendMarkdown(`**${asItIs(oneLine(title))}**`)
  for (const [what, value] of facts) {
    if (value === undefined || value === '') continue
    text.appendMarkdown(`\n\n${what && `${asItIs(what)}: `}${asItIs(printable(value, 1_000))}`)
  }
  return text
}

/** Every ASCII punctuation character may be escaped (CommonMark 2.4); spaces stay, so that lines wrap. */
function asItIs(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replace(/\s+/g, ' ')
}
