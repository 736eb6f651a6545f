// Every version of a name with what the chain tells of it: the contract's own list of versions beside the events
// that carry the name, asked for at one time.

import { WasmateError } from '../../base/errors.ts'
import type { Context, RegisteredVersion, VersionRecord } from '../../model.ts'
import { type DecodedEvent, eventDecoders, fromShortString } from '../decode.ts'
import type { Starknet } from '../starknet.ts'
import { type ListSource, readVersions } from './listing.ts'

interface HistorySource extends ListSource {
  starknet: Starknet
}

type PlacedEvent = DecodedEvent & { transactionHash: string; blockNumber: number }

const versionsPage = 100
const eventsPage = 1_000
/** A publication between the two answers shows in one of them only. */
const maxAttempts = 3

/** Newest first. Throws FUNCTION_NOT_FOUND when nobody has the name. */
export async function readHistory(
  source: HistorySource,
  name: string,
  context: Context,
): Promise<VersionRecord[]> {
  for (let attempt = 1; ; attempt++) {
    const [versions, events] = await Promise.all([
      readAllVersions(source, name, context),
      readEvents(source, name, context),
    ])
    const published = events.filter((event) => event.kind === 'published')
    if (versions.length + published.length === 0) throw new WasmateError('FUNCTION_NOT_FOUND', name)
    if (versions.length === published.length)
      return versions.map((version) => toRecord(version, events)).reverse()
    if (attempt === maxAttempts) {
      const counts = `${versions.length} versions and ${published.length} publications`
      throw new WasmateError('RPC_REFUSED', `the chain tells of ${counts} of ${name}`)
    }
  }
}

async function readAllVersions(
  source: HistorySource,
  name: string,
  { signal }: Context,
): Promise<RegisteredVersion[]> {
  const versions: RegisteredVersion[] = []
  for (;;) {
    signal?.throwIfAborted()
    const page = await readVersions(source, name, { offset: versions.length, limit: versionsPage })
    versions.push(...page)
    if (page.length < versionsPage) return versions
  }
}

/** In the order of the chain. */
async function readEvents(
  { starknet, provider, address }: HistorySource,
  name: string,
  { signal, report }: Context,
): Promise<PlacedEvent[]> {
  const decoders = new Map(
    Object.entries(eventDecoders).map(([event, decode]) => [
      BigInt(starknet.hash.getSelectorFromName(event)),
      decode,
    ]),
  )
  const events: PlacedEvent[] = []
  let token: string | undefined
  do {
    signal?.throwIfAborted()
    const page = await provider.getEvents({
      from_block: { block_number: 0 },
      to_block: 'latest',
      address,
      keys: [[], [fromShortString(name)]],
      chunk_size: eventsPage,
      ...(token && { continuation_token: token }),
    })
    for (const event of page.events) {
      const decoded = decoders.get(BigInt(event.keys[0] ?? 0))?.(event)
      const { transaction_hash: transactionHash, block_number: blockNumber } = event
      // Without a block it is pre-confirmed, which is not asked for.
      if (decoded && blockNumber !== undefined) events.push({ ...decoded, transactionHash, blockNumber })
    }
    report?.({ doing: `reading the history of ${name}, ${events.length} events` })
    token = page.continuation_token
  } while (token)
  return events
}

function toRecord(version: RegisteredVersion, events: PlacedEvent[]): VersionRecord {
  const published = events.find((event) => event.kind === 'published' && event.version === version.version)
  const last = events.findLast((event) => event.kind === 'published' || event.kind === 'current-changed')
  const attested = events.filter((event) => event.kind === 'attested' && event.version === version.version)
  return {
    ...version,
    isCurrent: last !== undefined && 'version' in last && last.version === version.version,
    transactionHash: published?.transactionHash ?? '',
    blockNumber: published?.blockNumber ?? 0,
    attestedBy: attested.flatMap((event) => (event.kind === 'attested' ? [event.verifier] : [])),
  }
}
