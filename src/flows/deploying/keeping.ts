// Where a deployment is pinned, and whether the world can fetch it from there.

import { createHash } from 'node:crypto'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import { pause } from '../../base/pause.ts'
import { ContentClient } from '../../content/client.ts'
import { PinningClient } from '../../content/pinning/client.ts'
import { toOrigin } from '../../content/pinning/origins.ts'
import { watchPin } from '../../content/pinning/watch.ts'
import { retrieveFile, retrieveFolder } from '../../content/retrieval/retrieve.ts'
import { sourceLimits } from '../../build/files.ts'
import type { Context } from '../../model.ts'
import { type RemotePinStages, pinRemotely } from '../pin.ts'
import type { Material, Root } from './material.ts'

/** The node that is here, and the service of the network; one of them at least. */
export interface Places {
  node?: { kuboUrl: string; gatewayUrl?: string | undefined } | undefined
  service?: { name: string; url: string; uploadUrl?: string | undefined; token: string } | undefined
}

/** As people are told. Throws NOWHERE_TO_PIN. */
export function namePlaces({ node, service }: Places): string[] {
  if (!node && service && service.uploadUrl === undefined) {
    throw new WasmateError(
      'NOWHERE_TO_PIN',
      `${service.name} takes no CAR, and no node is here that it could fetch from`,
    )
  }
  const names = [...(node ? [`the node at ${node.kuboUrl}`] : []), ...(service ? [service.name] : [])]
  if (names.length > 0) return names
  throw new WasmateError('NOWHERE_TO_PIN', 'no emulator runs here, and the network names no pinning service')
}

/** Throws as the node and the service do. What is pinned already is not sent again. */
export async function pinMaterial(
  material: Material,
  { node, service }: Places,
  context: Context,
): Promise<void> {
  if (node) await material.pinTo(node.kuboUrl, context)
  if (!service) return
  const client = new PinningClient(service)
  const origins = async (): Promise<string[]> => {
    if (!node) return []
    const own = await new ContentClient({ kuboUrl: node.kuboUrl }).addresses(context.signal)
    return [...(node.gatewayUrl === undefined ? [] : [toOrigin(node.gatewayUrl)]), ...own]
  }
  const stages: RemotePinStages = {
    ...{ service, client, watch: (first, { signal }, tell) => watchPin(client, first, { signal, tell }) },
    content: { origins, isHere: async () => true, exportCar: (cid) => material.exportCar(cid) },
    decide: async () => 'stop',
  }
  for (const root of material.roots) await pinThere(root, stages, client, context)
}

async function pinThere(
  { cid, name }: Root,
  stages: RemotePinStages,
  client: PinningClient,
  context: Context,
): Promise<void> {
  context.report?.({ doing: `pinning ${cid} at ${stages.service.name}` })
  const { results } = await client.list({ cid: [cid], status: ['pinned'], limit: 1 }, context)
  if (results.length > 0) return
  const upload = stages.service.uploadUrl !== undefined
  await pinRemotely({ cid, name, upload, background: false }, stages, context, (event) => {
    if (event.kind === 'status')
      context.report?.({ doing: `${stages.service.name}: ${event.status.status} ${cid}` })
  })
}

export interface FetchOptions extends Context {
  gateways: readonly string[]
  maxBytes: number
  /** What is pinned just now may take a while until it is found. */
  patienceMs: number
}

/**
 * Fetches all of it from the gateways, every block verified, and compares the module's bytes. Throws NOT_SERVED with
 * what the gateways did, CONTENT_MISMATCH or CANCELLED.
 */
export async function fetchBack(material: Material, options: FetchOptions): Promise<void> {
  const { gateways, maxBytes, patienceMs, signal = new AbortController().signal, report } = options
  const asking = { gateways: [...gateways], signal, ...(report && { report }) }
  const deadline = performance.now() + patienceMs
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 10_000)) {
    try {
      for (const { cid, what } of material.roots) {
        if (what === 'source') await retrieveFolder(cid, { ...asking, ...sourceLimits })
        else compare(material, await retrieveFile(cid, { ...asking, maxBytes }))
      }
      return
    } catch (error) {
      const { code, detail } = toWasmateError(error)
      if (code !== 'GATEWAYS_FAILED') throw error
      if (performance.now() + pauseMs > deadline) throw notServed(gateways, detail, error)
    }
    report?.({ doing: `waiting until ${gateways.join(', ')} can serve it` })
    await pause(pauseMs, signal)
    signal.throwIfAborted()
  }
}

function notServed(gateways: readonly string[], detail: string | undefined, cause: unknown): WasmateError {
  return new WasmateError('NOT_SERVED', `${gateways.join(', ')}${detail ? ` (${detail})` : ''}`, { cause })
}

function compare({ publication }: Material, bytes: Uint8Array): void {
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found === publication.sha256) return
  throw new WasmateError('CONTENT_MISMATCH', `${publication.cid} was served with sha256 ${found}`)
}
