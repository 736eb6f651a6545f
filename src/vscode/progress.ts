// Work that a person waits for: shown, with a way to cancel it, as soon as it takes longer than a moment.

import { setTimeout as pause } from 'node:timers/promises'
import { ProgressLocation, window } from 'vscode'

const momentMs = 500

export async function runVisibly<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopper = new AbortController()
  const working = work(stopper.signal)
  const settled = working.then(
    () => true,
    () => true,
  )
  const isQuick = await Promise.race([settled, pause(momentMs, false)])
  if (!isQuick) {
    const options = { location: ProgressLocation.Notification, title, cancellable: true }
    await window.withProgress(options, async (_progress, token) => {
      token.onCancellationRequested(() => stopper.abort())
      await settled
    })
  }
  return working
}
