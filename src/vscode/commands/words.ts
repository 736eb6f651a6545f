// How values read in lists and documents of commands.

import { env } from 'vscode'
import { printable } from '../../base/printable.ts'

/** Text of others may hold $(anything): a list would draw an icon. */
export function withoutIcons(text: string): string {
  return printable(text, 300).replaceAll('$(', '\\$(')
}

/** Text of others, in Markdown as it is: no link, no markup. */
export function inMarkdown(text: string): string {
  return printable(text, 2_000).replace(/[\\`*_{}[\]()#+!|<>~&-]/g, '\\$&')
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** `3 hours ago`, in the editor's language; `at` in milliseconds since 1970. */
export function ageOf(at: number, now = Date.now()): string {
  const words = new Intl.RelativeTimeFormat(env.language, { numeric: 'auto' })
  for (const [unit, ms] of units) {
    if (Math.abs(now - at) >= ms) return words.format(Math.trunc((at - now) / ms), unit)
  }
  return words.format(Math.trunc((at - now) / 1000), 'second')
}
