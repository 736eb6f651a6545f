// An execution -> its receipt, of a limited size and with nothing secret in it.

import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { redactValues } from '../../base/secrets.ts'
import type { LogLine } from '../../host-trace.ts'
import type { FunctionOptions } from '../../model.ts'
import type { Digest, HostEvent, Recording } from '../../recording.ts'
import { type Receipt, receiptFormat } from './receipt.ts'

export interface Execution {
  function: string
  version?: number | undefined
  cid: string
  export: string
  /** Milliseconds since 1970. */
  at: number
  input: Uint8Array
  options: FunctionOptions
  recording: Recording
  logs: LogLine[]
  outcome: { output: Uint8Array } | { problem: NonNullable<Receipt['problem']> }
  durationMs: number
}

/** What a receipt takes beside bodies, host calls and logs, roughly. */
const restBytes = 4 * 1024

/** Of at most about `maxBytes`: what is too large is left out, and said. */
export function writeReceipt(execution: Execution, maxBytes: number): Receipt {
  const { cid, input, options, recording, logs, outcome } = execution
  const room = new Room(maxBytes - restBytes)
  const unfaithful = [...recording.unfaithful, ...becauseOf(outcome)]
  const isInputKept = room.take(asBase64(input.length))
  if (!isInputKept) unfaithful.push(`its input has ${input.length} bytes, more than a receipt holds`)
  const told = recording.events.reduce((sum, event) => sum + sizeOf(event), 0)
  const before = recording.vars.read.reduce(
    (sum, { key, value }) => sum + asBase64(key.length + (value?.length ?? 0)),
    0,
  )
  const isHostKept = room.take(told + before)
  if (!isHostKept) unfaithful.push('what its host answered is more than a receipt holds')
  const { config, allowedHosts, timeoutMs, maxMemoryBytes } = options
  return {
    ...{ wasmate: 'receipt', format: receiptFormat, module: CID.parse(cid) },
    ...{ function: execution.function, version: execution.version, export: execution.export },
    ...{ at: execution.at, durationMs: round(execution.durationMs) },
    input: isInputKept ? input : digestOf(input),
    ...{ limits: { timeoutMs, maxMemoryBytes }, allowedHosts },
    config: Object.entries(redactValues(config)),
    vars: isHostKept ? recording.vars : { bytes: recording.vars.bytes, read: [] },
    host: isHostKept ? recording.events : undefined,
    logs: keepLogs(logs, room),
    ...keepOutcome(outcome, room),
    faithful: unfaithful.length === 0,
    unfaithful,
  }
}

/** Where a call is cut depends on the time, and on what else the machine does. */
function becauseOf(outcome: Execution['outcome']): string[] {
  if (!('problem' in outcome)) return []
  const { code } = outcome.problem
  if (code === 'CALL_TIMEOUT')
    return ['it was ended by its time limit: a replay may get less far, or further']
  return code === 'INTERNAL' || code === 'CANCELLED' ? ['its thread was ended'] : []
}

function keepOutcome(outcome: Execution['outcome'], room: Room): Pick<Receipt, 'output' | 'problem'> {
  if ('problem' in outcome) return { problem: outcome.problem }
  const { output } = outcome
  return { output: room.take(asBase64(output.length)) ? output : digestOf(output) }
}

function keepLogs(logs: LogLine[], room: Room): LogLine[] {
  const kept = logs.findIndex(({ message }) => !room.take(message.length + 32))
  return kept === -1 ? logs : logs.slice(0, kept)
}

/** The whole of it may be an output that is compared alone. */
export function digestOf(bytes: Uint8Array): Digest {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

class Room {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }
}

function asBase64(length: number): number {
  return Math.ceil((length * 4) / 3)
}

function sizeOf(event: HostEvent): number {
  if (event.call === 'http') {
    const { request, answer } = event
    return 200 + JSON.stringify([request, answer?.headers]).length + asBase64(answer?.body.length ?? 0)
  }
  if (event.call === 'function') {
    const all = [...event.asked, ...event.stored]
    return 80 + all.reduce((sum, each) => sum + asBase64(each.length) + 16, 0)
  }
  if (event.call === 'random') return 40 + asBase64(event.bytes.length)
  if (event.call === 'var-set') return 40 + event.key.length + asBase64(event.value?.length ?? 0)
  return 40 + ('key' in event ? event.key.length : 0)
}

/** Microseconds are all that a clock tells. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
