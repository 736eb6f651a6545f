// How far a deployment has come: every error says what was done, and what was not.

import { WasmateError, isAbort, toWasmateError } from '../../base/errors.ts'
import { formatStrk } from '../../registry/paid/cost.ts'
import type { PaidEvent } from '../../registry/paid/sender.ts'

export class Standing {
  /** Names of the places that have it by now. */
  pinned: string[] = []
  readonly #kind: 'publication' | 'change'
  /** The last transaction, in words. */
  #sent: string | undefined
  #landed: Extract<PaidEvent, { kind: 'landed' }> | undefined

  constructor(kind: 'publication' | 'change') {
    this.#kind = kind
  }

  /** Hash of the transaction that landed, its block and its fee. */
  get landed(): Extract<PaidEvent, { kind: 'landed' }> | undefined {
    return this.#landed
  }

  /** By all that landed, in FRI. */
  paid = 0n

  readonly follow = (event: PaidEvent): void => {
    if (event.kind === 'landed') {
      this.#landed = event
      this.paid += event.fee
    } else if (event.kind === 'dropped') this.#sent = undefined
    else {
      const how = event.kind === 'sent' ? 'was sent' : 'may have been sent'
      this.#sent = `transaction ${event.transactionHash} ${how}`
    }
  }

  /** The same error, with how things stand; of a network, not of the chain that runs here. */
  explain(error: unknown): WasmateError {
    const known = isAbort(error) ? new WasmateError('CANCELLED') : toWasmateError(error)
    const { diagnostics, detail } = known
    const code = known.code === 'CHAIN_NOT_READY' ? 'RPC_UNREACHABLE' : known.code
    const told = [detail, this.#describe()].filter((part) => part !== undefined && part !== '').join('; ')
    return new WasmateError(code, told, { cause: known, diagnostics: [...diagnostics] })
  }

  #describe(): string {
    return [...this.#describePins(), this.#describeTransaction()].join('; ')
  }

  /** Only a publication has something to pin. */
  #describePins(): string[] {
    if (this.pinned.length > 0) return [`it is pinned at ${this.pinned.join(' and ')}`]
    return this.#kind === 'publication' ? ['nothing was pinned'] : []
  }

  #describeTransaction(): string {
    if (this.#landed) {
      const { transactionHash, blockNumber, fee, reverted } = this.#landed
      const outcome = reverted ? 'was reverted' : 'is'
      return `transaction ${transactionHash} ${outcome} in block ${blockNumber}, for ${formatStrk(fee)}`
    }
    return this.#sent ?? 'nothing was sent'
  }
}
