// Work that a person waits for: shown, with a way to cancel it, as soon as it takes longer than a moment.

import { setTimeout as pause } from 'node:timers/promises'
import { ProgressLocation, window } from 'vscode'

const momentMs = 500

/** `say` shows a few words of what is being done, when there is something to see. */
export async function runVisibly<T>(
  title: string,
  work: (signal: AbortSignal, say: (words: string) => void) => Promise<T>,
  afterMs = momentMs,
): Promise<T> {
  const stopper = new AbortController()
  let said: string | undefined
  let show = (words: string): void => void (said = words)
  const working = work(stopper.signal, (words) => show(words))
  const settled = working.then(
    () => true,
    () => true,
  )
  const isQuick = await Promise.race([settled, pause(afterMs, false)])
  if (!isQuick) {
    const options = { location: ProgressLocation.Notification, title, cancellable: true }
    await window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => stopper.abort())
      show = (message) => progress.report({ message })
      if (said !== undefined) show(said)
      await settled
    })
  }
  return working
}
