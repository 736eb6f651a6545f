// Transactions that cost somebody money: estimated, agreed to, journaled, and only then sent; once, however often it
// is begun.

import type { Call, RpcProvider } from 'starknet'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { DeclareRequest } from '../declare.ts'
import { rpcCode, rpcErrorCode } from '../failure.ts'
import type { Invoker } from '../invoker.ts'
import { type Receipt, awaitReceipt, readReceipt } from '../receipts.ts'
import { type Starknet, isConnectionLost } from '../starknet.ts'
import { type AgreementOptions, Agreements } from './agreements.ts'
import { PayingChain } from './chain.ts'
import {
  type AccountDeployment,
  type Draft,
  type Terms,
  draftDeclare,
  draftDeployAccount,
  draftInvoke,
} from './drafts.ts'
import { isDeclared, toSendError, unsettled } from './refusals.ts'
import type { SentTransaction, SentTransactions } from './sent.ts'
import type { Signer } from './signer.ts'

export interface PaidSenderOptions extends Omit<AgreementOptions, 'address'> {
  signer: Signer
  sent: SentTransactions
  /** What is done, word for word: what was begun for the same is gone on with. */
  operation: string
  tell?: (event: PaidEvent) => void
}

/** `attempted`: it may have been sent. `dropped`: the chain took none of it. */
export type PaidEvent =
  | { kind: 'attempted' | 'sent'; transactionHash: string }
  | { kind: 'dropped' }
  | { kind: 'landed'; transactionHash: string; blockNumber: number; fee: bigint; reverted: boolean }

/** A public RPC counts requests. */
const maxPauseMs = 2_000
const maxAttempts = 4

export class PaidSender implements Invoker {
  readonly #options: PaidSenderOptions
  readonly #starknet: Starknet
  readonly #provider: RpcProvider
  readonly #chain: PayingChain
  readonly #agreements: Agreements

  constructor(starknet: Starknet, provider: RpcProvider, options: PaidSenderOptions) {
    this.#starknet = starknet
    this.#provider = provider
    this.#chain = new PayingChain(starknet, provider)
    this.#agreements = new Agreements(this.#chain, { ...options, address: options.signer.address })
    this.#options = options
  }

  /** What was begun is gone on with: of the rest it is asked when it comes to that. */
  async agreeOn(request: DeclareRequest, call: Call, context: Context): Promise<void> {
    const { sent, operation } = this.#options
    const begun = [await sent.read('declare'), await sent.read('invoke')]
    if (begun.some((known) => known?.operation === operation)) return
    await this.#checkAccount()
    const drafts = [draftDeclare(this.#sending, request), draftInvoke(this.#sending, call)]
    await this.#agreements.ask(drafts, context).catch((error: unknown) => {
      // It is there already, or this RPC runs none on what another has declared: then each is asked about.
      if (!isDeclared(error) && toWasmateError(error).code !== 'TRANSACTION_REVERTED') throw error
    })
  }

  async invoke(call: Call, context: Context): Promise<Receipt> {
    await this.#checkAccount()
    return this.#pay(draftInvoke(this.#sending, call), context)
  }

  async declare(request: DeclareRequest, context: Context): Promise<Receipt | undefined> {
    await this.#checkAccount()
    try {
      return await this.#pay(draftDeclare(this.#sending, request), context)
    } catch (error) {
      if (isDeclared(error)) return undefined
      throw error
    }
  }

  /** Puts the account itself there. */
  async deployAccount(deployment: AccountDeployment, context: Context): Promise<Receipt> {
    return this.#pay(draftDeployAccount(this.#sending, deployment), context)
  }

  get #sending(): { starknet: Starknet; sender: string } {
    return { starknet: this.#starknet, sender: this.#options.signer.address }
  }

  async #checkAccount(): Promise<void> {
    const { signer } = this.#options
    const { address } = signer
    if ((await this.#chain.classHashAt(address)) === undefined) {
      throw new WasmateError('ACCOUNT_NOT_DEPLOYED', address)
    }
    const signature = signer.prove?.(probe)
    if (signature && (await this.#chain.isSignedBy(address, probe, signature)) === false) {
      throw new WasmateError('ACCOUNT_KEY_MISMATCH', address)
    }
  }

  async #pay(draft: Draft, context: Context): Promise<Receipt> {
    const lock = await this.#options.sent.lock()
    try {
      return await this.#payOnce(draft, context)
    } finally {
      await lock.release()
    }
  }

  async #payOnce(draft: Draft, context: Context): Promise<Receipt> {
    for (let attempt = 1; ; attempt++) {
      const begun = await this.#goOn(draft, context)
      if (begun) return begun
      const terms = await this.#agreements.termsOf(draft, context)
      context.signal?.throwIfAborted()
      const landed = await this.#sign(draft, terms, context)
      if (landed) return landed
      // Somebody else uses the account too, and was quicker: the same with the next nonce.
      if (attempt === maxAttempts)
        throw new WasmateError('RPC_REFUSED', 'the nonce of the account keeps moving')
    }
  }

  /** What an earlier try has sent, or what was signed outside. `undefined`: nothing that could still land. */
  async #goOn(draft: Draft, context: Context): Promise<Receipt | undefined> {
    const { sent, operation, signer, tell } = this.#options
    const known = await sent.read(draft.kind)
    if (known?.operation !== operation) return undefined
    const given = await signer.resume?.(known.hash)
    if (given && 'transaction' in given) return this.#settle({ ...known, hash: given.transaction }, context)
    if (given) return this.#sendSigned(draft, known, given.signature, context)
    if (!known.signature) return undefined
    tell?.({ kind: 'attempted', transactionHash: known.hash })
    if (await readReceipt(this.#provider, known.hash)) return this.#settle(known, context)
    if ((await this.#chain.nonce(signer.address)) > known.nonce) {
      // It may have landed between the two questions.
      if (await readReceipt(this.#provider, known.hash)) return this.#settle(known, context)
      await this.#drop(draft)
      return undefined
    }
    // The very same again: whichever of the two arrives, it is one transaction.
    return this.#submit(draft, known, known.signature, context)
  }

  async #sendSigned(
    draft: Draft,
    known: SentTransaction,
    signature: string[],
    context: Context,
  ): Promise<Receipt | undefined> {
    const { sent, signer } = this.#options
    if ((await this.#chain.isSignedBy(signer.address, known.hash, signature)) === false) {
      throw new WasmateError('SIGNATURE_INVALID', known.hash)
    }
    await sent.write({ ...known, signature })
    return this.#submit(draft, known, signature, context)
  }

  /** `undefined`: the nonce was taken, and nothing of it can land any more. */
  async #sign(draft: Draft, terms: Terms, context: Context): Promise<Receipt | undefined> {
    const { sent, signer, operation } = this.#options
    const hash = draft.hashOf(terms, await this.#chain.chainId())
    const record = { kind: draft.kind, operation, hash, ...terms }
    await sent.write(record)
    const signature = await signer.sign(hash, draft.broadcast(terms, []))
    context.signal?.throwIfAborted()
    await sent.write({ ...record, signature })
    return this.#submit(draft, record, signature, context)
  }

  async #submit(
    draft: Draft,
    record: SentTransaction,
    signature: string[],
    context: Context,
  ): Promise<Receipt | undefined> {
    this.#options.tell?.({ kind: 'attempted', transactionHash: record.hash })
    try {
      await this.#chain.send(draft, record, signature)
    } catch (error) {
      if (isConnectionLost(error)) throw unsettled(record.hash, error)
      const code = rpcErrorCode(error)
      const isThere = code === rpcCode.duplicateTransaction || code === rpcCode.replacementUnderpriced
      if (!isThere && !(await readReceipt(this.#provider, record.hash))) {
        await this.#drop(draft)
        if (code === rpcCode.invalidNonce) return undefined
        throw toSendError(error)
      }
    }
    return this.#settle(record, context)
  }

  async #drop({ kind }: Draft): Promise<void> {
    await this.#options.sent.remove(kind)
    this.#options.tell?.({ kind: 'dropped' })
  }

  async #settle({ hash, kind }: SentTransaction, context: Context): Promise<Receipt> {
    const { tell, sent } = this.#options
    tell?.({ kind: 'sent', transactionHash: hash })
    context.report?.({ doing: `waiting for transaction ${hash} to be in a block` })
    const receipt = await awaitReceipt(this.#provider, hash, context, maxPauseMs).catch((error: unknown) => {
      throw unsettled(hash, error)
    })
    this.#agreements.settle({ kind }, receipt.fee)
    const reverted = receipt.revertReason !== undefined
    tell?.({
      kind: 'landed',
      transactionHash: hash,
      blockNumber: receipt.blockNumber,
      fee: receipt.fee,
      reverted,
    })
    // There is nothing to go on with: the same again would be another transaction.
    if (reverted) await sent.remove(kind)
    return receipt
  }
}

/** Any felt: what a key is tried with. */
const probe = '0x7761736d617465'
