// wasmate pin: content to a pinning service, and what that says of it. Tokens come from the environment or, of the
// emulator's own service, from its state file; they go into headers and nowhere else.

import { createInterface } from 'node:readline/promises'
import { WasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import { PinningClient } from '../../content/pinning/client.ts'
import { type PinStatus, type PinState, pinStates } from '../../content/pinning/messages.ts'
import { watchPin } from '../../content/pinning/watch.ts'
import { offerOf } from '../../flows/sharing/offer.ts'
import { type Decision, type RemotePinEvent, type RemotePinStages, pinRemotely } from '../../flows/pin.ts'
import { originOf } from '../car/origin.ts'
import { findService } from './service.ts'
import type { Session } from '../session.ts'

interface ServiceOptions {
  service: string
}

export interface PinAddOptions extends ServiceOptions {
  name?: string
  upload?: boolean
  yes?: boolean
  background?: boolean
}

export async function pinAddVerb(session: Session, options: PinAddOptions, target: string): Promise<void> {
  const { output, signal, config } = session
  const { kuboUrl } = config.content
  const { service, client } = await openService(session, options.service)
  const origin = await originOf(session, target, 'emulator')
  if (origin.segments.length > 0)
    throw new WasmateError('INPUT_INVALID', 'a name or a CID is pinned, no path')
  const cid = origin.root.toString()
  const name = options.name ?? (target.includes(cid) ? undefined : target)
  const { upload = false, background = false } = options
  const stages: RemotePinStages = {
    ...{ service, client, content: offerOf(origin, { kuboUrl, signal }) },
    watch: (first, context, tell) => watchPin(client, first, { signal: context.signal, tell }),
    decide: (reason, canUpload) => decide(session, reason, { canUpload, yes: options.yes ?? false }),
  }
  const context = { signal, report: output.progress }
  await pinRemotely({ cid, name, upload, background }, stages, context, (event) =>
    print(session, service.name, event),
  )
}

/** Each status on a line of its own; the last line is what came of it. */
function print({ output }: Session, service: string, event: RemotePinEvent): void {
  if (event.kind === 'status') {
    output.result({ event: 'status', service, ...event.status }, describeStatus(event.status))
  } else if (event.kind === 'uploaded') {
    output.result({ event: 'uploaded', service, cid: event.cid }, `uploaded ${event.cid}`)
  } else if (output.json) {
    output.result({ event: 'warning', service, warning: event.warning }, '')
  } else {
    output.note(`warning: ${event.warning}`)
  }
}

export interface PinListOptions extends ServiceOptions {
  status?: string
  name?: string
  limit: number
}

export async function pinListVerb(session: Session, options: PinListOptions): Promise<void> {
  const { output, signal } = session
  const { service, client } = await openService(session, options.service)
  const status = readStates(options.status)
  const { name, limit } = options
  const query = { status, limit, ...(name !== undefined && { name, match: 'ipartial' as const }) }
  const { count, results } = await client.list(query, { signal })
  const rest = count > results.length ? [`${count - results.length} more`] : []
  const text = [...results.map(describeStatus), ...rest].join('\n') || 'no request'
  output.result({ service: service.name, count, results }, text)
}

export async function pinStatusVerb(
  session: Session,
  options: ServiceOptions,
  requestid: string,
): Promise<void> {
  const { service, client } = await openService(session, options.service)
  const status = await client.get(requestid, { signal: session.signal })
  session.output.result({ service: service.name, ...status }, describeStatus(status))
}

export async function pinRemoveVerb(
  session: Session,
  options: ServiceOptions,
  requestid: string,
): Promise<void> {
  const { service, client } = await openService(session, options.service)
  await client.remove(requestid, { signal: session.signal })
  session.output.result({ service: service.name, requestid, removed: true }, `removed ${requestid}`)
}

interface OpenService {
  service: RemotePinStages['service']
  client: PinningClient
}

async function openService(session: Session, name: string): Promise<OpenService> {
  const service = await findService(session, name)
  return { service, client: new PinningClient(service) }
}

/** Without a terminal nobody can be asked: then only `--yes` and `--upload` go on. */
async function decide(
  { output, signal }: Session,
  reason: string,
  { canUpload, yes }: { canUpload: boolean; yes: boolean },
): Promise<Decision> {
  if (yes) return 'ask'
  if (output.json || !process.stdin.isTTY) return 'stop'
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const choices = canUpload
      ? 'u uploads it as a CAR, y asks all the same, anything else stops'
      : 'y asks all the same, anything else stops'
    const answer = await terminal.question(`${reason}.\n${choices}: `, { signal })
    const first = answer.trim().toLowerCase()
    if (canUpload && first === 'u') return 'upload'
    return first === 'y' ? 'ask' : 'stop'
  } finally {
    terminal.close()
  }
}

function readStates(text: string | undefined): PinState[] {
  if (text === undefined) return [...pinStates]
  return text.split(',').map((word) => {
    const state = pinStates.find((known) => known === word.trim())
    if (state) return state
    throw new WasmateError('INPUT_INVALID', `--status ${word} (${pinStates.join(', ')})`)
  })
}

/** As returned: what the service tells in `info` stands under it word for word. */
function describeStatus({ status, requestid, pin, created, info = {} }: PinStatus): string {
  const head = [status.padEnd(7), requestid, pin.cid, pin.name ?? '', created].map((part) =>
    printable(part, 300),
  )
  const told = Object.entries(info).map(([key, value]) => {
    return `    ${printable(key, 100)}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`
  })
  return [head.filter((part) => part !== '').join('  '), ...told].join('\n')
}
