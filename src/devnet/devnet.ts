// The local chain: JSON-RPC text in, answers out, and nothing that was acknowledged is ever lost.

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { WasmateError, describe, toWasmateError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { loopback } from '../base/ports.ts'
import type { Service } from '../base/service.ts'
import { type Call, errorAnswer, parseErrorAnswer, readCalls, refusalAnswer } from './calls.ts'
import { type DevnetOptions, type DevnetState, Supervisor } from './supervisor.ts'

export interface RpcAnswer {
  /** HTTP status that goes with it. */
  status: number
  /** JSON-RPC text; empty when nothing is to be answered. */
  body: string
}

export interface PredeployedAccount {
  address: string
  privateKey: string
  publicKey: string
}

const exitNoticeMs = 1_000

const accountsSchema = z.array(
  z.object({ address: z.string(), private_key: z.string(), public_key: z.string() }),
)

export class Devnet implements Service {
  #supervisor: Supervisor
  #options: DevnetOptions
  #writes: Promise<unknown> = Promise.resolve()

  constructor(options: DevnetOptions) {
    this.#options = options
    this.#supervisor = new Supervisor(options)
  }

  get state(): DevnetState {
    return this.#supervisor.state
  }

  /** Resolves when the chain is as the journal has it; throws why it can't be. */
  start(signal?: AbortSignal): Promise<void> {
    return this.#supervisor.start(signal)
  }

  stop(): Promise<void> {
    return this.#supervisor.stop()
  }

  /** Answers JSON-RPC text, single or batch; never rejects. Writes are on disk before they are answered. */
  async request(body: string): Promise<RpcAnswer> {
    let parsed: ReturnType<typeof readCalls>
    try {
      parsed = readCalls(body)
    } catch {
      // Not JSON: that is the whole of what there is to say.
      return { status: 400, body: parseErrorAnswer() }
    }
    const { batch, calls } = parsed
    const [only] = calls
    if (!batch && only) return this.#answer(only)
    if (calls.every(({ kind }) => kind === 'read')) return this.#answerReads(body, calls)
    const answers: string[] = []
    for (const call of calls) if (!isNotification(call)) answers.push((await this.#answer(call)).body)
    return { status: 200, body: `[${answers.join(',')}]` }
  }

  /** One call's result; throws what kept the chain from answering, or RPC_REFUSED with its reason. */
  async call(method: string, params: unknown = {}): Promise<unknown> {
    const [call] = readCalls(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })).calls
    const body: unknown = JSON.parse(call ? await this.#carryOut(call) : 'null')
    const { result, error } = Object(body) as { result?: unknown; error?: unknown }
    if (error !== undefined) throw new WasmateError('RPC_REFUSED', `${method}: ${JSON.stringify(error)}`)
    return result
  }

  async predeployedAccounts(): Promise<PredeployedAccount[]> {
    const accounts = accountsSchema.parse(await this.call('devnet_getPredeployedAccounts'))
    return accounts.map(({ address, private_key: privateKey, public_key: publicKey }) => ({
      address,
      privateKey,
      publicKey,
    }))
  }

  /** The one of them that signs what is deployed here. Throws ACCOUNT_MISSING when there is no such account. */
  async signer(): Promise<PredeployedAccount> {
    const account = (await this.predeployedAccounts())[this.#options.account ?? 0]
    if (!account) throw new WasmateError('ACCOUNT_MISSING')
    return account
  }

  /** STRK of an account in FRI, its smallest unit: decimal digits. */
  async balanceOf(address: string): Promise<string> {
    const asked = { address, unit: 'FRI', block_id: 'latest' }
    const { amount } = z
      .object({ amount: z.string() })
      .parse(await this.call('devnet_getAccountBalance', asked))
    return amount
  }

  /** The child's own WebSocket, for reads and subscriptions; `gone` settles when this child has ended. */
  async webSocket(): Promise<{ url: string; gone: Promise<unknown> }> {
    const { port, child } = (await this.#supervisor.ready()).process
    return { url: `ws://${loopback}:${port}/ws`, gone: child.exited }
  }

  async #answer(call: Call): Promise<RpcAnswer> {
    try {
      return { status: 200, body: await this.#carryOut(call) }
    } catch (error) {
      return { status: toWasmateError(error).status, body: errorAnswer(call.id, error) }
    }
  }

  async #answerReads(body: string, calls: Call[]): Promise<RpcAnswer> {
    try {
      return { status: 200, body: await this.#read(body) }
    } catch (error) {
      const answers = calls.filter((call) => !isNotification(call)).map(({ id }) => errorAnswer(id, error))
      return { status: toWasmateError(error).status, body: `[${answers.join(',')}]` }
    }
  }

  async #carryOut(call: Call): Promise<string> {
    if (call.kind === 'refused') return refusalAnswer(call)
    if (call.kind === 'write') return this.#inTurn(() => this.#write(call))
    if (call.kind === 'restart') return this.#inTurn(() => this.#restart(call))
    return this.#read(call.text)
  }

  async #read(text: string): Promise<string> {
    const chain = await this.#supervisor.ready()
    try {
      return await chain.process.link.post(text)
    } catch (error) {
      // When the child is gone the next one is asked: reading changes nothing.
      const exit = await Promise.race([
        chain.process.child.exited,
        sleep(exitNoticeMs, undefined, { ref: false }),
      ])
      if (!exit) throw new WasmateError('RPC_REFUSED', describe(error), { cause: error })
      await this.#supervisor.lose(chain)
      return (await this.#supervisor.ready()).process.link.post(text)
    }
  }

  async #write(call: Call): Promise<string> {
    const chain = await this.#supervisor.ready()
    try {
      return await chain.write(call)
    } catch (error) {
      await this.#supervisor.lose(chain)
      if (error instanceof WasmateError) throw error
      throw new WasmateError(
        'DEVNET_EXITED',
        `before it answered ${call.method} (${describe(error)}). ` +
          'The chain is restored without that call: it did not happen, and can be sent again',
        { cause: error },
      )
    }
  }

  async #restart(call: Call): Promise<string> {
    const chain = await this.#supervisor.ready()
    const log = this.#options.log ?? silentLog
    log.info('a new chain was asked for')
    await chain.forget()
    await this.#supervisor.lose(chain)
    await this.#supervisor.ready()
    return JSON.stringify({ jsonrpc: '2.0', id: call.id ?? null, result: null })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writes.then(work)
    this.#writes = done.catch(() => undefined)
    return done
  }
}

/** JSON-RPC 2.0 section 4.1: a call without an id gets no answer. */
function isNotification(call: Call): boolean {
  return call.id === undefined && call.method !== ''
}
