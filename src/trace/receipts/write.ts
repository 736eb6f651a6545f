// An execution -> its receipt, of a limited size and with nothing secret in it.

import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { redactValues, secretValues, withoutSecrets } from '../../base/secrets.ts'
import type { LogLine } from '../../host-trace.ts'
import type { FunctionOptions } from '../../model.ts'
import type { Digest, Recording } from '../../recording.ts'
import { sizeAsDagJson } from './dag-json.ts'
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

/** Reasons that are written when the rest is, and names of fields. */
const restBytes = 2 * 1024

/** Of at most about `maxBytes`: what is too large is left out, and said. */
export function writeReceipt(execution: Execution, maxBytes: number): Receipt {
  const { input, recording } = execution
  const secrets = secretValues(execution.options.config)
  const outcome = withoutSecretWords(execution.outcome, secrets)
  const head = headOf(execution)
  const room = new Room(maxBytes - restBytes - sizeAsDagJson(head))
  const unfaithful = [...recording.unfaithful, ...becauseOf(outcome)]
  room.take(sizeAsDagJson(unfaithful))
  // Never left out: it is short, and what the call came to.
  if ('problem' in outcome) room.take(sizeAsDagJson(outcome.problem))
  const isInputKept = room.take(sizeAsDagJson(input))
  if (!isInputKept) unfaithful.push(`its input has ${input.length} bytes, more than a receipt holds`)
  const isHostKept = room.take(sizeOfHost(recording))
  if (!isHostKept) unfaithful.push('what its host answered is more than a receipt holds')
  return {
    ...head,
    input: isInputKept ? input : digestOf(input),
    vars: isHostKept ? recording.vars : { bytes: recording.vars.bytes, read: [] },
    host: isHostKept ? recording.events : undefined,
    logs: keepLogs(execution.logs, secrets, room),
    ...keepOutcome(outcome, room),
    faithful: unfaithful.length === 0,
    unfaithful,
  }
}

type Head = Omit<
  Receipt,
  'input' | 'vars' | 'host' | 'logs' | 'output' | 'problem' | 'faithful' | 'unfaithful'
>

function headOf(execution: Execution): Head {
  const { config, allowedHosts, timeoutMs, maxMemoryBytes } = execution.options
  return {
    ...{ wasmate: 'receipt', format: receiptFormat, module: CID.parse(execution.cid) },
    ...{ function: execution.function, version: execution.version, export: execution.export },
    ...{ at: execution.at, durationMs: round(execution.durationMs) },
    ...{ limits: { timeoutMs, maxMemoryBytes }, allowedHosts },
    config: Object.entries(redactValues(config)),
  }
}

/** What a function says when it fails may name what it was given. */
function withoutSecretWords(outcome: Execution['outcome'], secrets: string[]): Execution['outcome'] {
  if ('output' in outcome) return outcome
  const { problem } = outcome
  return { problem: { ...problem, detail: withoutSecrets(problem.detail, secrets) } }
}

/** Headers are pairs in a block, each in brackets of its own. */
function sizeOfHost({ events, vars }: Recording): number {
  const headers = events.reduce((sum, event) => {
    if (event.call !== 'http') return sum
    const { request, answer } = event
    return sum + Object.keys(request.headers).length + Object.keys(answer?.headers ?? {}).length
  }, 0)
  return sizeAsDagJson(events) + 2 * headers + sizeAsDagJson(vars)
}

/** Where a call is cut depends on the time, and on what else the machine does. */
function becauseOf(outcome: Execution['outcome']): string[] {
  if (!('problem' in outcome)) return []
  const cut = whyCut(outcome.problem)
  if (cut !== undefined) return [`${cut}: a replay may get less far, or further`]
  const { code } = outcome.problem
  return code === 'INTERNAL' || code === 'CANCELLED' ? ['its thread was ended'] : []
}

/** Of a call that was ended at no certain instruction, by what; a count of them would be another one each time. */
export function whyCut({ code, detail }: NonNullable<Receipt['problem']>): string | undefined {
  if (code === 'CALL_TIMEOUT') return 'it was ended by its time limit'
  if (code !== 'CALL_TRAPPED' || !detail.startsWith('stack overflow')) return undefined
  return 'its stack overflowed, which depends on how far V8 has compiled it'
}

function keepOutcome(outcome: Execution['outcome'], room: Room): Pick<Receipt, 'output' | 'problem'> {
  if ('problem' in outcome) return { problem: outcome.problem }
  const { output } = outcome
  return { output: room.take(sizeAsDagJson(output)) ? output : digestOf(output) }
}

function keepLogs(logs: LogLine[], secrets: string[], room: Room): LogLine[] {
  const clean = logs.map(({ level, message }) => ({ level, message: withoutSecrets(message, secrets) }))
  const end = clean.findIndex((line) => !room.take(sizeAsDagJson(line) + 1))
  return end === -1 ? clean : clean.slice(0, end)
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

/** Microseconds are all that a clock tells. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
