// A part with a life: it starts, it stops, and a start that fails half-way undoes itself.

import { Teardown } from './teardown.ts'

/** `stop` is legal in every state, idempotent, and leaves nothing behind. */
export interface Service {
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** Starts services in order; if one fails, those before it are stopped again, then its error is thrown. */
export async function startInOrder(
  services: Service[],
  teardown: Teardown,
  signal?: AbortSignal,
): Promise<void> {
  for (const service of services) {
    signal?.throwIfAborted()
    teardown.defer(() => service.stop())
    await service.start(signal)
  }
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
