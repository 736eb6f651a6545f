// An event of the editor as something to wait for.

import type { Event } from 'vscode'
import { orAborted } from '../../base/pause.ts'

/** When it is told the next time. Throws CANCELLED when the signal is aborted first. */
export async function next<T>(event: Event<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined
  const told = new Promise<T>((resolve) => {
    const listening = event(resolve)
    stop = () => void listening.dispose()
  })
  return orAborted(told, signal).finally(() => stop())
}
