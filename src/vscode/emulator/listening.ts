// What a running emulator tells of itself, from when it is found until it has ended.

import { pause } from '../../base/pause.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Change, EmulatorStatus } from '../../client/messages.ts'
import { awaitAftermath } from '../../client/stopping.ts'
import type { Workspace } from '../../workspace.ts'

export interface Listener {
  onChange(change: Change): void
  onStatus(status: EmulatorStatus): void
  /** It does not answer any more, and its process is still there. */
  onStopping(): void
  /** It answers again. */
  onReturn(client: ControlClient): void
}

/** Between the end of one stream and the next, should an emulator end them all. */
const reconnectMs = 200

/**
 * All the time: a leased emulator stays as long as somebody listens. Says how it ended; rejects when the signal is
 * aborted.
 */
export async function listen(
  client: ControlClient,
  workspace: Workspace,
  listener: Listener,
  signal: AbortSignal,
): Promise<'stopped' | 'killed'> {
  for (let current = client; ;) {
    const refresh = askOneByOne(current, listener, signal)
    const step = (change: Change): void => {
      if (change.kind === 'status') refresh()
      listener.onChange(change)
    }
    // How it ended is seen by what is there afterwards.
    await current.stream('changes', {}, { signal, step }).catch(() => undefined)
    const after = await awaitAftermath(workspace, current, signal, () => listener.onStopping())
    if ('ended' in after) return after.ended
    current = after.still
    listener.onReturn(current)
    await pause(reconnectMs, signal)
    signal.throwIfAborted()
  }
}

/** One question at a time: changes come faster than their answers. */
function askOneByOne(client: ControlClient, listener: Listener, signal: AbortSignal): () => void {
  let [isStale, isAsking] = [false, false]
  const ask = async (): Promise<void> => {
    isAsking = true
    while (isStale) {
      isStale = false
      // One that does not answer has ended, which is told by the end of the stream.
      const status = await client.status(signal).catch(() => undefined)
      if (status && !signal.aborted) listener.onStatus(status)
    }
    isAsking = false
  }
  return () => {
    isStale = true
    if (!isAsking) void ask()
  }
}
