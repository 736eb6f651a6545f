// A part with a life: it starts, it stops, and a start that fails half-way undoes itself.

import { Teardown } from './teardown.ts'

/** `stop` is legal in every state, idempotent, and leaves nothing behind. */
export interface Service {
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** Runs `start`, and the teardown it filled when it throws. */
export async function startOrUndo<T>(teardown: Teardown, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await teardown.run().catch(() => undefined)
    throw error
  }
}
