// Content as a pinning service gets it from here: where it may be fetched, whether it is here, and as a CAR.

import { WasmateError } from '../../base/errors.ts'
import { encodeCar } from '../../content/car.ts'
import { ContentClient } from '../../content/client.ts'
import { walkDag } from '../../content/dag/walk.ts'
import { toOrigin } from '../../content/pinning/origins.ts'
import { RetrievalSession } from '../../content/retrieval/session.ts'
import type { Origin } from './origin.ts'
import type { RemotePinStages } from '../pin.ts'

/** `kuboUrl`: RPC of a Kubo that has the content as well, and addresses of its own. */
export function offerOf(
  { root, gateways }: Origin,
  { kuboUrl, signal }: { kuboUrl?: string | undefined; signal: AbortSignal },
): RemotePinStages['content'] {
  const open = (): RetrievalSession => {
    const ask = { root, segments: [], scope: 'all' as const }
    const maxBytes = Number.MAX_SAFE_INTEGER
    return new RetrievalSession({ ask, gateways, routers: [], maxBytes, signal })
  }
  return {
    origins: async () => {
      const own = kuboUrl === undefined ? [] : await new ContentClient({ kuboUrl }).addresses(signal)
      return [...gateways.map(toOrigin), ...own]
    },
    isHere: async () => {
      const reader = open()
      try {
        await reader.get(root)
        return true
      } catch (error) {
        if (error instanceof WasmateError && error.code === 'GATEWAYS_FAILED') return false
        throw error
      } finally {
        await reader.close()
      }
    },
    exportCar: async function* () {
      const reader = open()
      try {
        yield* encodeCar([root], walkDag(reader, root, { signal }))
      } finally {
        await reader.close()
      }
    },
  }
}
