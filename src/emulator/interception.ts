// The next call of a function, taken out of the emulator for a debugger that answers it. All others go their way.

import { randomUUID } from 'node:crypto'
import { WasmateError } from '../base/errors.ts'
import type { DebugAnswer, InterceptedCall } from '../client/debug-messages.ts'
import type { StreamContext } from '../client/messages.ts'
import type { Answer, Context, Invocation } from '../model.ts'
import { CallError } from '../runner/runner.ts'

interface Taken {
  answer(outcome: DebugAnswer | WasmateError): void
}

export interface InterceptionOptions {
  /** CID of what answers for a name. */
  answering(name: string): { cid: string } | undefined
}

export class Interception {
  readonly #options: InterceptionOptions
  /** By target, in the order in which they were asked for. */
  readonly #waiting = new Map<string, ((call: InterceptedCall) => void)[]>()
  readonly #taken = new Map<string, Taken>()

  constructor(options: InterceptionOptions) {
    this.#options = options
  }

  /** Waits for the next call, tells it, and ends when it is answered; with whoever asked, the call ends too. */
  async next({ name }: { name: string }, { signal, step }: StreamContext<'debugNext'>): Promise<null> {
    const over = new AbortController()
    const call = await this.#wait(name, signal)
    const ended = (): void => this.#taken.get(call.id)?.answer(new WasmateError('DEBUG_ENDED', name))
    signal?.addEventListener('abort', ended, { once: true, signal: over.signal })
    const answered = new Promise<void>((resolve) => {
      const taken = this.#taken.get(call.id)
      if (!taken) return resolve()
      this.#taken.set(call.id, {
        answer: (outcome) => {
          taken.answer(outcome)
          resolve()
        },
      })
    })
    step?.(call)
    if (signal?.aborted) ended()
    await answered
    over.abort()
    return null
  }

  /** Throws INPUT_INVALID when nobody waits for it any more. */
  async answer(answer: DebugAnswer): Promise<null> {
    const taken = this.#taken.get(answer.id)
    if (!taken) throw new WasmateError('INPUT_INVALID', `no call ${answer.id} waits for an answer`)
    taken.answer(answer)
    return null
  }

  /** The same calls, but for those that a debugger waits for. */
  around(call: (invocation: Invocation, context: Context) => Promise<Answer>): typeof call {
    return (invocation, context) => {
      const taker = this.#waiting.get(invocation.target)?.shift()
      return taker ? this.#give(invocation, taker, context) : call(invocation, context)
    }
  }

  #wait(name: string, signal: AbortSignal | undefined): Promise<InterceptedCall> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(name) ?? []
      this.#waiting.set(name, waiting)
      waiting.push(resolve)
      const leave = (): void => {
        const place = waiting.indexOf(resolve)
        if (place >= 0) waiting.splice(place, 1)
        reject(new WasmateError('CANCELLED'))
      }
      if (signal?.aborted) leave()
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #give(
    { target, export: exported, input }: Invocation,
    taker: (call: InterceptedCall) => void,
    { signal }: Context,
  ): Promise<Answer> {
    const id = randomUUID()
    return new Promise<Answer>((resolve, reject) => {
      const leave = (): void => this.#taken.get(id)?.answer(new WasmateError('CANCELLED'))
      const answer = (outcome: DebugAnswer | WasmateError): void => {
        this.#taken.delete(id)
        signal?.removeEventListener('abort', leave)
        if (outcome instanceof WasmateError) reject(outcome)
        else this.#settle(target, outcome, resolve, reject)
      }
      this.#taken.set(id, { answer })
      signal?.addEventListener('abort', leave, { once: true })
      taker({
        id,
        base64: Buffer.from(input).toString('base64'),
        ...(exported !== undefined && { export: exported }),
      })
    })
  }

  #settle(
    target: string,
    { export: exported, result, durationMs, logs }: DebugAnswer,
    resolve: (answer: Answer) => void,
    reject: (error: Error) => void,
  ): void {
    const cid = this.#options.answering(target)?.cid ?? target
    const words = 'answered under the debugger, by a build of the present source'
    const told = {
      cid,
      export: exported,
      durationMs,
      logs: [...logs, { level: 'warn' as const, message: words }],
    }
    if (result.ok) resolve({ ...told, output: Buffer.from(result.base64, 'base64') })
    else reject(new CallError(result.code, result.detail, told))
  }
}
