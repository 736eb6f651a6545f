// Who has a CID, as a delegated router tells it (https://specs.ipfs.tech/routing/http-routing-v1/).

import type { IncomingMessage } from 'node:http'
import type { CID } from 'multiformats/cid'
import { z } from 'zod'
import { describe } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import { type Connections, RefusedError, contentType } from './http.ts'
import { parseProvider } from './providers.ts'
import { isLoopbackUrl, mayBePublic } from './reach.ts'
import type { Watch } from './watch.ts'

export interface Routed {
  /** Base URLs. */
  providers: string[]
  /** Providers that can't be used, counted by the reason. */
  others: Record<string, number>
}

const gatewayProtocol = 'transport-ipfs-gateway-http'
const ndjson = 'application/x-ndjson'
const maxAnswerBytes = 1024 * 1024
const maxProviders = 20

/** Section "Peer Schema"; fields that are not known are ignored, and Go writes an empty list as null. */
const recordSchema = z.object({
  Addrs: z.array(z.string()).nullish(),
  Protocols: z.array(z.string()).nullish(),
  /** Of the older schemas, which name one. */
  Protocol: z.string().nullish(),
})

type ProviderRecord = z.infer<typeof recordSchema>

/**
 * A provider is named by whoever announces one, so that a router's answer could make this machine send requests
 * into its own network. An address that is not public is therefore refused, unless it and the router both are on
 * this machine; where a name leads is checked when it is looked up.
 */
export async function findProviders(
  router: string,
  cid: CID,
  connections: Connections,
  watch: Watch,
): Promise<Routed> {
  // Section "Common Data Types": CIDs are CIDv1. Filter by IPIP-484.
  const path = `/routing/v1/providers/${cid.toV1().toString()}?filter-protocols=${gatewayProtocol}`
  const accept = `${ndjson}, application/json;q=0.9`
  const found = new Found(router)
  try {
    const asking = connections.get({ base: router, path, accept, signal: watch.signal })
    await watch.wait(readRecords(await watch.wait(asking), found, watch))
  } catch (cause) {
    // 404: no records. And what came before a stream broke off is as good as it would be whole.
    const isNone = cause instanceof RefusedError && cause.status === 404
    if (!isNone && found.routed.providers.length === 0) throw watch.explain(cause)
  } finally {
    watch.end()
  }
  return found.routed
}

/** Section "Streaming": whether it is a stream is told by the type alone. */
async function readRecords(response: IncomingMessage, found: Found, watch: Watch): Promise<void> {
  const isStream = contentType(response).type === ndjson
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    watch.received(chunk.length)
    length += chunk.length
    if (length > maxAnswerBytes) throw new Error(`an answer of more than ${maxAnswerBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
    if (!isStream) continue
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) found.take(parseLine(line))
    if (found.isEnough) return
  }
  if (isStream) found.take(parseLine(text))
  else for (const record of parseAnswer(text)) found.take(record)
}

function parseLine(line: string): unknown {
  return line.trim() === '' ? undefined : parseJson(line)
}

function parseAnswer(text: string): unknown[] {
  const answer = z.object({ Providers: z.array(z.unknown()).nullish() }).safeParse(parseJson(text))
  if (!answer.success) throw new Error('an answer without Providers')
  return answer.data.Providers ?? []
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`an answer that is not JSON (${printable(describe(error), 200)})`, { cause: error })
  }
}

/** Sorts records by whether they can be used. */
class Found {
  readonly #providers = new Set<string>()
  readonly #others = new Map<string, number>()
  readonly #isLocal: boolean

  constructor(router: string) {
    this.#isLocal = isLoopbackUrl(router)
  }

  get isEnough(): boolean {
    return this.#providers.size >= maxProviders
  }

  get routed(): Routed {
    return { providers: [...this.#providers], others: Object.fromEntries(this.#others) }
  }

  take(value: unknown): void {
    if (value === undefined || this.isEnough) return
    const record = recordSchema.safeParse(value)
    if (!record.success) return this.#leave('not a record')
    const protocols = protocolsOf(record.data)
    // Without protocols the router does not know them: an address that says HTTP is worth a try.
    if (protocols.length > 0 && !protocols.includes(gatewayProtocol)) return this.#leave(protocols.join(' '))
    const urls = (record.data.Addrs ?? []).slice(0, maxProviders).flatMap(toUrl)
    const [url] = urls.filter((candidate) => this.#mayBeAsked(candidate))
    if (url !== undefined) this.#providers.add(url)
    else this.#leave(urls.length > 0 ? 'not a public address' : 'no HTTP address')
  }

  #mayBeAsked(url: string): boolean {
    return mayBePublic(url) || (this.#isLocal && isLoopbackUrl(url))
  }

  #leave(reason: string): void {
    const name = printable(reason, 80)
    const key = this.#others.has(name) || this.#others.size < maxProviders ? name : 'other'
    this.#others.set(key, (this.#others.get(key) ?? 0) + 1)
  }
}

function protocolsOf({ Protocols, Protocol }: ProviderRecord): string[] {
  return [...(Protocols ?? []), ...(Protocol ? [Protocol] : [])].filter((name) => name !== '')
}

function toUrl(address: string): string[] {
  try {
    return [parseProvider(address)]
  } catch {
    // Most providers have more addresses than those for HTTP.
    return []
  }
}
