// Calls that are kept: each becomes a record of the history and, where it is recorded, leaves a receipt.

import { toProblem, toWasmateError } from '../../base/errors.ts'
import { withKey } from '../../flows/invoke.ts'
import type { Answer, Context, FunctionOptions, Invocation } from '../../model.ts'
import { CallError } from '../../runner/runner.ts'
import type { Call, History } from '../../trace/history.ts'
import type { Execution } from '../../trace/receipts/write.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { Receipts } from './receipts.ts'
import type { StoredReceipt } from './store.ts'

export interface CallsOptions {
  history: History
  receipts: Receipts
  served: {
    answering(name: string): { version: number } | undefined
    callOptions(name: string): { options: FunctionOptions }
  }
  invoke(invocation: Invocation, context: Context): Promise<Answer>
}

/** Of calls over HTTP, in the history. */
const keptPerSecond = 20

/** A call that is over: what it came to, and its receipt where it left one. */
interface Made extends Pick<Call, 'at' | 'target' | 'export' | 'version' | 'input' | 'via'> {
  outcome: { answer: Answer } | { error: unknown }
  receipt?: StoredReceipt | undefined
}

export class Calls {
  readonly #options: CallsOptions

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** A call by hand; gives a record also of one that failed. Throws CANCELLED alone. */
  async invoke(invocation: Invocation, context: Context): Promise<InvocationRecord> {
    const { receipts } = this.#options
    const record = receipts.takes('wanted')
    const made = await this.#make({ ...invocation, record, receipt: 'wanted' }, 'editor', context)
    if ('error' in made.outcome && isCancelled(made)) throw made.outcome.error
    return this.#keep(made, !receipts.waits('wanted') || (await isStored(made)))
  }

  /** The same call over HTTP, of which some are kept: all of a few, and of many so many that it costs little. */
  sampled(): CallsOptions['invoke'] {
    let [second, taken] = [0, 0]
    return (invocation, context) => {
      const record = this.#options.receipts.takes(invocation.receipt)
      const now = Math.floor(performance.now() / 1000)
      if (now !== second) [second, taken] = [now, 0]
      if (taken++ >= keptPerSecond && !record) return this.#options.invoke(invocation, context)
      return this.#answer({ ...invocation, record }, context)
    }
  }

  /** What the caller gets is what the call gave, whatever is kept of it. */
  async #answer(invocation: Invocation, context: Context): Promise<Answer> {
    const made = await this.#make(invocation, 'http', context)
    const { outcome, receipt } = made
    const mustWait = this.#options.receipts.waits(invocation.receipt)
    const isNamed = !mustWait || (await isStored(made))
    if (!isCancelled(made)) this.#keep(made, isNamed)
    // A receipt is kept as long as the history has its call.
    if (mustWait) await this.#options.history.written()
    const named = receipt && isNamed ? { receipt: receipt.cid } : {}
    if ('answer' in outcome) return { ...outcome.answer, ...named }
    const { error } = outcome
    throw error instanceof CallError
      ? new CallError(error.code, error.detail, { ...error.call, ...named })
      : error
  }

  async #make(invocation: Invocation, via: Call['via'], context: Context): Promise<Made> {
    const { served, receipts } = this.#options
    const { target, input } = invocation
    const version = served.answering(target)?.version
    const asked = { at: Date.now(), target, export: invocation.export, version, input, via }
    const options = withKey(served.callOptions(target).options, invocation.idempotencyKey)
    const outcome = await this.#options.invoke({ ...invocation, trace: true }, context).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
    const made: Made = { ...asked, outcome }
    const execution = toExecution(made, options)
    if (!execution) return made
    const isAsked = invocation.receipt !== undefined
    return { ...made, receipt: await receipts.leave(execution, isAsked, context) }
  }

  #keep({ outcome, receipt, ...asked }: Made, isNamed: boolean): InvocationRecord {
    const { history } = this.#options
    const left = receipt && isNamed ? describe(receipt) : {}
    if ('answer' in outcome) {
      const { output, cid, export: name, logs, host, durationMs } = outcome.answer
      return history.add({ ...asked, ...{ output, cid, export: name, logs, host, durationMs }, ...left })
    }
    const { error } = outcome
    const problem = toProblem(error)
    if (!(error instanceof CallError)) return history.add({ ...asked, logs: [], problem })
    const { cid, export: name, logs, host, durationMs } = error.call
    return history.add({ ...asked, ...{ cid, export: name, logs, host, durationMs }, problem, ...left })
  }
}

/** `undefined` for a call that was not recorded, or did not begin. */
function toExecution(made: Made, options: FunctionOptions): Execution | undefined {
  const { outcome, target, version, at, input } = made
  const call = callOf(outcome)
  if (!call?.recording) return undefined
  const { cid, export: name, logs, durationMs, recording } = call
  return {
    ...{ function: target, version, cid, export: name, at, input, options, recording, logs, durationMs },
    outcome: 'answer' in outcome ? { output: outcome.answer.output } : { problem: problemOf(outcome.error) },
  }
}

/** As the history names it, with what a person asks of it first. */
function describe({ cid, size, receipt }: StoredReceipt): Partial<Call> {
  const { fuel, fuelMissing, unfaithful } = receipt
  return { receipt: cid, receiptSize: size, fuel, fuelMissing, unfaithful }
}

function callOf(outcome: Made['outcome']): Omit<Answer, 'output'> | undefined {
  if ('answer' in outcome) return outcome.answer
  return outcome.error instanceof CallError ? outcome.error.call : undefined
}

function problemOf(error: unknown): { code: CallError['code']; detail: string } {
  const { code, detail = '' } = toWasmateError(error)
  return { code, detail }
}

function isCancelled({ outcome }: Made): boolean {
  return 'error' in outcome && toWasmateError(outcome.error).code === 'CANCELLED'
}

function isStored({ receipt }: Made): Promise<boolean> {
  if (!receipt) return Promise.resolve(false)
  return receipt.stored.then(
    () => true,
    () => false,
  )
}
