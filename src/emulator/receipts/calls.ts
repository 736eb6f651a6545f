// Calls that are kept: each becomes a record of the history and, where it is recorded, leaves a receipt.

import { type Problem, toProblem, toWasmateError } from '../../base/errors.ts'
import { withKey } from '../../flows/invoke.ts'
import type { Answer, Context, FunctionOptions, Invocation } from '../../model.ts'
import { CallError } from '../../runner/runner.ts'
import type { Call, History } from '../../trace/history.ts'
import type { Execution } from '../../trace/receipts/write.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { Places } from '../places/places.ts'
import type { Receipts } from './receipts.ts'
import type { StoredReceipt } from './store.ts'

export interface CallsOptions {
  history: History
  receipts: Receipts
  served: {
    answering(name: string): { version: number } | undefined
    callOptions(name: string): { options: FunctionOptions }
  }
  /** Where in its source a call broke off. */
  places: Pick<Places, 'place' | 'placeAtOnce'>
  invoke(invocation: Invocation, context: Context): Promise<Answer>
}

/** Of calls over HTTP, in the history. */
const keptPerSecond = 20

/** A call that is over: what it came to, and its receipt where it left one. */
interface Made extends Pick<Call, 'at' | 'target' | 'export' | 'version' | 'input' | 'via'> {
  options: FunctionOptions
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
    const asked = { ...invocation, record, receipt: 'wanted' as const }
    const made = await this.#make(asked, { via: 'editor', waits: true }, context)
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

  /**
   * What the caller gets is what the call gave, whatever is kept of it. Where it broke off is told to those who ask for
   * a receipt; nobody else is made to wait for it.
   */
  async #answer(invocation: Invocation, context: Context): Promise<Answer> {
    const mustWait = this.#options.receipts.waits(invocation.receipt)
    const waits = mustWait || invocation.receipt !== undefined
    const made = await this.#make(invocation, { via: 'http', waits }, context)
    const { outcome, receipt } = made
    const isNamed = !mustWait || (await isStored(made))
    if (!isCancelled(made)) {
      // What is looked for already is not looked for again, and is in the history before the answer is given.
      if (waits) this.#keep(made, isNamed)
      else void this.#keepPlaced(made, isNamed)
    }
    // A receipt is kept as long as the history has its call.
    if (mustWait) await this.#options.history.written()
    const named = receipt && isNamed ? { receipt: receipt.cid } : {}
    if ('answer' in outcome) return { ...outcome.answer, ...named }
    throw tell(outcome.error, named, invocation.receipt !== undefined)
  }

  async #make(
    invocation: Invocation,
    { via, waits }: { via: Call['via']; waits: boolean },
    context: Context,
  ): Promise<Made> {
    const { served, receipts, places } = this.#options
    const { target, input } = invocation
    const version = served.answering(target)?.version
    const options = withKey(served.callOptions(target).options, invocation.idempotencyKey)
    const asked = { at: Date.now(), target, export: invocation.export, version, input, via, options }
    const outcome = await this.#options.invoke({ ...invocation, trace: true }, context).then(
      (answer) => ({ answer }),
      async (error: unknown) => ({
        error: waits ? await places.place(error, { input, options }, context) : places.placeAtOnce(error),
      }),
    )
    const made: Made = { ...asked, outcome }
    const execution = toExecution(made)
    if (!execution) return made
    const isAsked = invocation.receipt !== undefined
    return { ...made, receipt: await receipts.leave(execution, isAsked, context) }
  }

  /** Nobody waits for the lines of a call that broke off here: its record comes when they are known. */
  async #keepPlaced(made: Made, isNamed: boolean): Promise<void> {
    const { outcome } = made
    const hasLines = !('error' in outcome) || !lacksLines(outcome.error)
    if (hasLines) return void this.#keep(made, isNamed)
    const error = await this.#options.places.place(outcome.error, made, {})
    this.#keep({ ...made, outcome: { error } }, isNamed)
  }

  #keep({ outcome, receipt, options: _options, ...asked }: Made, isNamed: boolean): InvocationRecord {
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
function toExecution(made: Made): Execution | undefined {
  const { outcome, target, version, at, input, options } = made
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

function problemOf(error: unknown): Pick<Problem, 'code' | 'detail' | 'callStack'> {
  const { code, detail = '', callStack } = toWasmateError(error)
  return { code, detail, ...(callStack && { callStack }) }
}

function lacksLines(error: unknown): boolean {
  return error instanceof CallError && error.callStack?.linesMissing !== undefined
}

/** Names of files and functions are for those who ask for a receipt. */
function tell(error: unknown, named: { receipt?: string }, isAsked: boolean): unknown {
  if (!(error instanceof CallError)) return error
  const { code, detail, call, callStack, diagnostics } = error
  const places = isAsked ? { callStack, diagnostics: [...diagnostics] } : {}
  return new CallError(code, detail, { ...call, ...named }, places)
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
