// When a name may stand differently, by the registry's events: reason to read it again.

import type { RpcProvider } from 'starknet'
import type { Log } from '../../base/log.ts'
import { pause } from '../../base/pause.ts'
import { followRegistry } from '../events.ts'

interface Following {
  rpcUrl: string
  wsUrl?: string
  log: Log
}

interface Place {
  provider: RpcProvider
  /** Contract address of the registry. */
  address: string
}

const retryMs = 1_000

/** Gives something for each occasion until the signal aborts; never throws, and waits while the chain is away. */
export async function* occasionsOf(
  name: string,
  { rpcUrl, wsUrl, log }: Following,
  connect: () => Promise<Place>,
  signal: AbortSignal,
): AsyncGenerator<void, void> {
  while (!signal.aborted) {
    try {
      const { provider, address } = await connect()
      const from = { address, blockNumber: await provider.getBlockNumber(), anchors: [] }
      // Something may have happened before that block and after the first read.
      yield
      const options = { rpcUrl, ...(wsUrl && { wsUrl }), address, from, signal, log }
      for await (const news of followRegistry(options)) {
        if (news.kind === 'reorg' || news.events.some((event) => event.name === name)) yield
      }
    } catch {
      // The reads meet the same failure, and tell of it.
      await pause(retryMs, signal)
    }
  }
}
