// Commands that take a line of a view and copy what it carries, or open it.

import { Disposable, Uri, commands, env, l10n, window } from 'vscode'
import type { KeptBytes } from '../../trace/record.ts'
import { commands as ids } from '../ids.ts'

export function registerCopying(): Disposable {
  const copy = (id: string, key: string): Disposable =>
    commands.registerCommand(id, async (given?: unknown) => {
      const text = textOf(given, key)
      if (text !== undefined) await env.clipboard.writeText(text)
    })
  return Disposable.from(
    copy(ids.copyCid, 'cid'),
    copy(ids.copyName, 'name'),
    copy(ids.copyAddress, 'address'),
    commands.registerCommand(ids.copyUrl, async (given?: unknown) => {
      const url = await reachable(given)
      // Without encoding it once more: it is written as it is typed.
      if (url) await env.clipboard.writeText(url.toString(true))
    }),
    commands.registerCommand(ids.openUrl, async (given?: unknown) => {
      const url = await reachable(given)
      if (url) await env.openExternal(url)
    }),
    commands.registerCommand(ids.copyInput, (given?: unknown) => copyBytes(given, 'input')),
    commands.registerCommand(ids.copyOutput, (given?: unknown) => copyBytes(given, 'output')),
  )
}

function textOf(given: unknown, key: string): string | undefined {
  if (typeof given === 'string') return given
  if (typeof given !== 'object' || given === null) return undefined
  const found: unknown = (given as Record<string, unknown>)[key]
  return typeof found === 'string' ? found : undefined
}

/** As this window reaches it: the emulator may run on another machine than the screen. */
async function reachable(given: unknown): Promise<Uri | undefined> {
  const url = textOf(given, 'url')
  return url === undefined ? undefined : env.asExternalUri(Uri.parse(url, true))
}

/** Text as it is, other bytes as hex digits. */
async function copyBytes(given: unknown, key: 'input' | 'output'): Promise<void> {
  const kept = (given as Partial<Record<typeof key, KeptBytes>> | undefined)?.[key]
  if (!kept) return
  const bytes = Buffer.from(kept.base64, 'base64')
  await env.clipboard.writeText(toText(bytes) ?? bytes.toString('hex'))
  if (bytes.length >= kept.size) return
  void window.showWarningMessage(
    l10n.t('The first {0} of {1} bytes are copied: no more is kept.', bytes.length, kept.size),
  )
}

/** `undefined` when the bytes are no text. */
function toText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
