// Flow replay: receipt -> module -> the same call, answered by the receipt -> the same, or where it went another way.

import { type CallStack, WasmateError } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { Digest, Divergence, Script } from '../../recording.ts'
import type { ReplayCall, ReplayOutcome } from '../../runner/replay/replays.ts'
import type { Receipt } from '../../trace/receipts/receipt.ts'
import { digestOf, whyCut } from '../../trace/receipts/write.ts'
import { type KeptBytes } from '../../trace/record.ts'
import { keepBytes } from '../../trace/kept-bytes.ts'
import { type OutputDifference, compareOutputs } from './compare.ts'

export interface ReplayStages {
  /** Throws RECEIPT_NOT_FOUND, RECEIPT_INVALID, RECEIPT_DAMAGED or RECEIPT_NEWER. */
  receipt(cid: string, context: Context): Promise<Receipt>
  /** Bytes of the one file under a CID. Throws RECEIPT_MODULE_MISSING. */
  module(cid: string, context: Context): Promise<Uint8Array>
  run(call: ReplayCall, context: Context): Promise<ReplayOutcome>
}

/** What a call came to. */
export type Came =
  { output: KeptBytes } | { problem: { code: string; detail: string; callStack?: CallStack | undefined } }

export interface ReplayReport {
  receipt: string
  /** CID of the module that ran. */
  module: string
  function: string
  version?: number | undefined
  export: string
  /** Milliseconds since 1970, of the recorded call. */
  at: number
  /** The same output or problem, and the same host calls. */
  same: boolean
  diverged?: Divergence | undefined
  difference?: OutputDifference | undefined
  recorded: Came
  /** Absent when there was no answer to go on with. */
  replayed?: Came | undefined
  faithful: boolean
  unfaithful: string[]
  recordedMs: number
  replayedMs: number
  /** Instructions, as recorded, else as counted now. */
  fuel?: number | undefined
  fuelMissing?: string | undefined
}

export interface ReplayOptions {
  /** Count the instructions anew. */
  fuel?: boolean | undefined
}

/** A module that may be another one than was recorded. */
export interface ReplayedModule {
  cid: string
  bytes: Uint8Array
}

/** Throws what the stages throw, and RECEIPT_INCOMPLETE. What the call comes to is in the report. */
export async function replay(
  cid: string,
  stages: ReplayStages,
  options: ReplayOptions,
  context: Context,
): Promise<ReplayReport> {
  const receipt = await stages.receipt(cid, context)
  const module = receipt.module.toString()
  const bytes = await stages.module(module, context)
  context.report?.({ doing: `replaying ${receipt.function}` })
  const report = await replayWith({ cid, receipt }, { cid: module, bytes }, 'strict', stages, context)
  if (!options.fuel || report.diverged) return report
  context.report?.({ doing: `counting the instructions of ${receipt.function}` })
  return { ...report, ...(await countFuel(receipt, { cid: module, bytes }, stages, context)) }
}

/** The recorded call on this module. */
export async function replayWith(
  { cid, receipt }: { cid: string; receipt: Receipt },
  module: ReplayedModule,
  matching: Script['matching'],
  { run }: Pick<ReplayStages, 'run'>,
  context: Context,
): Promise<ReplayReport> {
  const outcome = await run({ ...toCall(receipt, module, matching), metered: false }, context)
  const difference = compare(receipt, outcome)
  const isSame = !outcome.diverged && difference === undefined && isSameKind(receipt, outcome, matching)
  const { faithful, unfaithful, fuel, fuelMissing } = receipt
  return {
    ...{ receipt: cid, module: module.cid, function: receipt.function, version: receipt.version },
    ...{ export: receipt.export, at: receipt.at, same: isSame },
    diverged: outcome.diverged,
    difference: isBrokenOff(outcome) ? undefined : difference,
    recorded: recordedOf(receipt),
    replayed: isBrokenOff(outcome) ? undefined : cameOf(outcome),
    ...{ faithful, unfaithful, recordedMs: receipt.durationMs, replayedMs: outcome.durationMs },
    ...{ fuel, fuelMissing },
  }
}

/** Gives why, when it can't be counted. */
export async function countFuel(
  receipt: Receipt,
  module: ReplayedModule,
  { run }: Pick<ReplayStages, 'run'>,
  context: Context,
): Promise<Pick<ReplayReport, 'fuel' | 'fuelMissing'>> {
  const cut = receipt.problem && whyCut(receipt.problem)
  if (cut !== undefined) return { fuel: undefined, fuelMissing: cut }
  try {
    const { fuel, diverged } = await run({ ...toCall(receipt, module, 'strict'), metered: true }, context)
    if (diverged || fuel === undefined) return { fuel: undefined, fuelMissing: 'its replay went another way' }
    return { fuel, fuelMissing: undefined }
  } catch (error) {
    if (!(error instanceof WasmateError) || error.code !== 'FUEL_REFUSED') throw error
    return { fuel: undefined, fuelMissing: error.detail ?? error.message }
  }
}

/** A replay is no slower than the call, but the machine may be busier; what ran into its limit does so again. */
const patience = { factor: 4, leastMs: 10_000 }

export function toCall(
  receipt: Receipt,
  { cid, bytes }: ReplayedModule,
  matching: Script['matching'],
): Omit<ReplayCall, 'metered'> {
  const { input, host: events, vars, limits, allowedHosts } = receipt
  if (!(input instanceof Uint8Array)) {
    throw new WasmateError('RECEIPT_INCOMPLETE', `its input of ${input.size} bytes is not in it`)
  }
  if (!events) throw new WasmateError('RECEIPT_INCOMPLETE', 'what its host answered is not in it')
  const isCut = receipt.problem?.code === 'CALL_TIMEOUT'
  const timeoutMs = isCut ? limits.timeoutMs : Math.max(limits.timeoutMs * patience.factor, patience.leastMs)
  return {
    ...{ cid, bytes, export: receipt.export, input, script: { events, vars, matching } },
    options: {
      ...{ timeoutMs, maxMemoryBytes: limits.maxMemoryBytes, allowedHosts },
      config: Object.fromEntries(receipt.config),
    },
  }
}

function isSameKind(
  { problem, output }: Receipt,
  { result }: ReplayOutcome,
  matching: Script['matching'],
): boolean {
  if (result.ok) return output !== undefined
  return isSameProblem(problem, result.error, matching === 'strict' ? 'here' : 'elsewhere')
}

/** `elsewhere`: in another module, in which the same trap has another place. */
export function isSameProblem(
  problem: Receipt['problem'],
  error: WasmateError,
  where: 'here' | 'elsewhere',
): boolean {
  if (problem?.code !== error.code) return false
  const words = (detail: string): string => (where === 'here' ? detail : detail.replace(place, ''))
  return words(problem.detail) === words(error.detail ?? '')
}

/** As a trap names it: `unreachable in greet at 0x1f`. */
const place = / in (function \d+|\S+) at 0x[0-9a-f]+/g

function compare({ output }: Receipt, { result }: ReplayOutcome): OutputDifference | undefined {
  if (!result.ok || output === undefined) return undefined
  if (output instanceof Uint8Array) return compareOutputs(output, result.output)
  const now = digestOf(result.output)
  if (now.sha256 === output.sha256) return undefined
  return {
    kind: 'bytes',
    words: `${output.size} bytes before and ${now.size} now, of which the hash differs`,
  }
}

/** It was not answered: what it came to says nothing. One that failed by itself says why. */
function isBrokenOff({ result }: ReplayOutcome): boolean {
  return !result.ok && result.error.code === 'REPLAY_DIVERGED'
}

function recordedOf({ output, problem }: Receipt): Came {
  if (problem) return { problem }
  return { output: output instanceof Uint8Array ? keepBytes(output) : sizeOnly(output) }
}

function sizeOnly(output: Digest | undefined): KeptBytes {
  return { size: output?.size ?? 0, base64: '' }
}

function cameOf({ result }: ReplayOutcome): Came {
  if (result.ok) return { output: keepBytes(result.output) }
  const { code, detail = '' } = result.error
  return { problem: { code, detail } }
}
