// Flow pin remotely: content -> reach -> (upload) -> request -> status, until the service says that it has ended.

import { WasmateError } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import { isLoopbackOrigin } from '../content/pinning/origins.ts'
import { isLoopbackUrl } from '../content/retrieval/reach.ts'
import type { PinRequest, PinStatus } from '../content/pinning/messages.ts'
import type { Context } from '../model.ts'

export interface RemotePin {
  cid: string
  /** What the request is called at the service. */
  name?: string | undefined
  meta?: Record<string, string> | undefined
  /** Send the content first, and leave nothing for the service to fetch. */
  upload: boolean
  /** Return as soon as the service has taken the request. */
  background: boolean
}

/** What to do about a service that can't fetch from here. */
export type Decision = 'ask' | 'upload' | 'stop'

export interface RemotePinStages {
  service: { name: string; url: string; uploadUrl?: string | undefined }
  client: {
    add(pin: PinRequest, context: Context): Promise<PinStatus>
    upload(root: string, car: AsyncIterable<Uint8Array>, context: Context): Promise<void>
  }
  content: {
    /** Multiaddrs under which it can be fetched from us. */
    origins(): Promise<string[]>
    isHere(cid: string, context: Context): Promise<boolean>
    exportCar(cid: string, context: Context): AsyncIterable<Uint8Array>
  }
  /** Asks again and again until the request has ended. */
  watch(first: PinStatus, context: Context, tell: (status: PinStatus) => void): Promise<PinStatus>
  /** Asked before anything is sent to a service that can't reach this machine. */
  decide(reason: string, canUpload: boolean): Promise<Decision>
}

/** What happens, as it happens; a status is what the service returned, nothing added. */
export type RemotePinEvent =
  | { kind: 'warning'; warning: string }
  | { kind: 'uploaded'; cid: string }
  | { kind: 'status'; status: PinStatus }

/**
 * Gives the last status that the service returned; with `background` the first. Throws PINNING_OUT_OF_REACH when it was
 * decided to stop, CONTENT_NOT_FOUND for an upload of what is not here, PINNING_FAILED, and what the stages throw.
 */
export async function pinRemotely(
  request: RemotePin,
  stages: RemotePinStages,
  context: Context,
  tell: (event: RemotePinEvent) => void,
): Promise<PinStatus> {
  const { cid, name, meta } = request
  const { service, client, watch } = stages
  warnOfPlainToken(service.url, tell)
  const { origins, upload } = await plan(request, stages, context, tell)
  if (upload) {
    await client.upload(cid, stages.content.exportCar(cid, context), context)
    tell({ kind: 'uploaded', cid })
  }
  const pin = { cid, ...(name && { name }), ...(meta && { meta }), ...(origins.length > 0 && { origins }) }
  const first = await client.add(pin, context)
  if (request.background) {
    tell({ kind: 'status', status: first })
    return first
  }
  const last = await watch(first, context, (status) => tell({ kind: 'status', status }))
  if (last.status === 'failed') throw failed(service.name, last)
  return last
}

interface Plan {
  origins: string[]
  upload: boolean
}

async function plan(
  { cid, upload }: RemotePin,
  { service, content, decide }: RemotePinStages,
  context: Context,
  tell: (event: RemotePinEvent) => void,
): Promise<Plan> {
  if (upload && service.uploadUrl === undefined) {
    throw new WasmateError(
      'INPUT_INVALID',
      `${service.name} takes no CAR: it has no uploadUrl in the settings`,
    )
  }
  if (!(await content.isHere(cid, context))) {
    if (upload) throw new WasmateError('CONTENT_NOT_FOUND', `block ${cid}`)
    tell({ kind: 'warning', warning: `${cid} is not here: ${service.name} has to find it elsewhere` })
    return { origins: [], upload: false }
  }
  const origins = (await content.origins()).slice(0, maxOrigins)
  // An address of this machine means another machine, or nothing, to a service elsewhere.
  const useful = isLoopbackUrl(service.url) ? origins : origins.filter((origin) => !isLoopbackOrigin(origin))
  if (upload || useful.length > 0) return { origins: useful, upload }
  const reason = `${service.name} is not on this machine, and the node that has ${cid} listens on loopback only`
  tell({ kind: 'warning', warning: `${reason}: the service can not fetch it from there` })
  const decision = await decide(reason, service.uploadUrl !== undefined)
  if (decision === 'stop') throw new WasmateError('PINNING_OUT_OF_REACH', reason)
  return { origins: useful, upload: decision === 'upload' }
}

/** Section "Origins". */
const maxOrigins = 20

function warnOfPlainToken(url: string, tell: (event: RemotePinEvent) => void): void {
  if (new URL(url).protocol === 'https:' || isLoopbackUrl(url)) return
  tell({ kind: 'warning', warning: `the token goes to ${new URL(url).host} without encryption` })
}

function failed(service: string, { requestid, info }: PinStatus): WasmateError {
  const told = info === undefined ? 'and gives no reason' : `and says ${JSON.stringify(info)}`
  return new WasmateError('PINNING_FAILED', printable(`${service} returned failed for ${requestid} ${told}`))
}
