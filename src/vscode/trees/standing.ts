// How far a function has come, as an icon and a word or two.

import { ThemeColor, ThemeIcon, l10n } from 'vscode'
import type { Standing } from '../../flows/overview.ts'
import { errorIcon, goodIcon } from './leaf.ts'

/** `unknown`: no emulator runs that could tell. */
export type ShownStanding = Standing | 'unknown'

const behind = new ThemeColor('list.warningForeground')

const icons: Record<ShownStanding, ThemeIcon> = {
  'in-step': goodIcon,
  'not-built': new ThemeIcon('circle-outline'),
  changed: new ThemeIcon('edit', behind),
  'not-pinned': new ThemeIcon('pin', behind),
  'not-registered': new ThemeIcon('cloud-upload', behind),
  waiting: new ThemeIcon('watch', behind),
  'not-served': new ThemeIcon('debug-pause', behind),
  failed: errorIcon,
  unknown: new ThemeIcon('symbol-function'),
}

export function standingIcon(standing: ShownStanding): ThemeIcon {
  return icons[standing]
}

export function sayStanding(standing: ShownStanding): string {
  const words: Record<ShownStanding, string> = {
    'in-step': l10n.t('in step'),
    'not-built': l10n.t('not built'),
    changed: l10n.t('changed since it was built'),
    'not-pinned': l10n.t('not pinned'),
    'not-registered': l10n.t('not registered'),
    waiting: l10n.t('waiting for the chain'),
    'not-served': l10n.t('not served yet'),
    failed: l10n.t('failed'),
    unknown: l10n.t('emulator stopped'),
  }
  return words[standing]
}
