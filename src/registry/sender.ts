// Transactions of one account, one after the other: each is sent with the nonce that follows from the last,
// and with bounds that are not estimated anew, so that a write is one request and its receipt another.

import type { Account, Call, ResourceBoundsBN, RpcProvider, UniversalDetails } from 'starknet'
import type { Context } from '../model.ts'
import { type DeclareRequest, sendDeclare } from './declare.ts'
import { rpcCode, rpcErrorCode } from './failure.ts'
import type { Invoker, InvokerSource } from './invoker.ts'
import { type Receipt, awaitReceipt, readReceipt } from './receipts.ts'
import { type Starknet, isConnectionLost } from './starknet.ts'

export interface SenderAccount {
  address: string
  privateKey: string
  /** Version of Cairo that the account is written in; absent: the chain is asked, which takes 50 ms. */
  cairoVersion?: '1'
}

/** A key that pays whatever it costs, as on the emulator's own chain; or one that asks first. */
export type SigningAccount = SenderAccount | InvokerSource

export function openInvoker(account: SigningAccount, starknet: Starknet, provider: RpcProvider): Invoker {
  return 'open' in account ? account.open(starknet, provider) : new Sender(starknet, provider, account)
}

type Details = UniversalDetails & { nonce: bigint; resourceBounds: ResourceBoundsBN }

// Ceilings, not costs: a transaction pays for the gas it uses at the price of its block.
function ceilings(l2Gas: bigint): ResourceBoundsBN {
  const max_price_per_unit = 10n ** 10n
  return {
    l1_gas: { max_amount: 0n, max_price_per_unit },
    l2_gas: { max_amount: l2Gas, max_price_per_unit },
    l1_data_gas: { max_amount: 100_000n, max_price_per_unit },
  }
}

const invokeBounds = ceilings(1_000_000_000n)
/** A class pays for each of its bytes; the registry's takes 1.2 billion. */
const declareBounds = ceilings(3_000_000_000n)

const maxAttempts = 5

export class Sender implements Invoker {
  readonly #starknet: Starknet
  readonly #provider: RpcProvider
  readonly #account: Account
  #nonce: bigint | undefined
  #turn: Promise<unknown> = Promise.resolve()
  /** Hashes of what was sent without an answer, by call. */
  readonly #unsettled = new Map<string, Set<string>>()

  constructor(starknet: Starknet, provider: RpcProvider, account: SenderAccount) {
    const { address, privateKey, cairoVersion } = account
    this.#starknet = starknet
    this.#provider = provider
    this.#account = new starknet.Account({
      ...{ provider, address, signer: privateKey },
      ...(cairoVersion && { cairoVersion }),
    })
  }

  /** Invokes in turn. A call whose answer was lost is looked for on the chain before it is sent again. */
  async invoke(call: Call, context: Context): Promise<Receipt> {
    const key = JSON.stringify(call)
    const hash = await this.#inTurn(context, () => this.#submitOnce(call, key))
    const receipt = await awaitReceipt(this.#provider, hash, context).catch((error: unknown) => {
      this.#remember(key, hash)
      throw error
    })
    this.#unsettled.delete(key)
    return receipt
  }

  /** Declares in turn; a class that is declared already is no error, and has no receipt. */
  async declare(request: DeclareRequest, context: Context): Promise<Receipt | undefined> {
    const { address: senderAddress, signer } = this.#account
    const signing = { starknet: this.#starknet, provider: this.#provider, signer }
    const send = ({ nonce }: Details): Promise<string> =>
      sendDeclare(signing, request, { senderAddress, nonce, resourceBounds: declareBounds })
    try {
      const hash = await this.#inTurn(context, () => this.#withNonce(send))
      return await awaitReceipt(this.#provider, hash, context)
    } catch (error) {
      if (rpcErrorCode(error) === rpcCode.classAlreadyDeclared) return undefined
      throw error
    }
  }

  #inTurn<T>(context: Context, send: () => Promise<T>): Promise<T> {
    const sent = this.#turn.then(() => {
      context.signal?.throwIfAborted()
      return send()
    })
    this.#turn = sent.catch(() => undefined)
    return sent
  }

  #submitOnce(call: Call, key: string): Promise<string> {
    const send = async (details: Details): Promise<string> => {
      try {
        return (await this.#account.execute(call, details)).transaction_hash
      } catch (error) {
        if (isConnectionLost(error)) this.#remember(key, await this.#hashOf(call, details))
        throw error
      }
    }
    return this.#withNonce(send, key)
  }

  /** Somebody else may use the account too: a nonce that is taken is read anew, and the send tried again. */
  async #withNonce(send: (details: Details) => Promise<string>, key?: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendNext(send, key)
      } catch (error) {
        if (!isNonceTaken(error) || attempt === maxAttempts) throw error
      }
    }
  }

  async #sendNext(send: (details: Details) => Promise<string>, key = ''): Promise<string> {
    // The chain's id is part of what is signed: once it is known, only the send itself is a request.
    await this.#provider.getChainId()
    const nonce = this.#nonce ?? BigInt(await this.#account.getNonce())
    this.#nonce = undefined
    // After the nonce is read: an earlier send that lands from here on takes this nonce, so never both land.
    const landed = await this.#findLanded(key)
    if (landed !== undefined) return landed
    const hash = await send({ nonce, resourceBounds: invokeBounds, tip: 0n })
    this.#nonce = nonce + 1n
    return hash
  }

  #remember(key: string, hash: string): void {
    const hashes = this.#unsettled.get(key) ?? new Set()
    this.#unsettled.set(key, hashes.add(hash))
  }

  async #findLanded(key: string): Promise<string | undefined> {
    for (const hash of this.#unsettled.get(key) ?? []) {
      if (await readReceipt(this.#provider, hash)) return hash
    }
    return undefined
  }

  async #hashOf(call: Call, details: Details): Promise<string> {
    const { hash, transaction, EDAMode } = this.#starknet
    return hash.calculateInvokeTransactionHash({
      senderAddress: this.#account.address,
      version: '0x3',
      compiledCalldata: transaction.getExecuteCalldata([call], '1'),
      chainId: await this.#provider.getChainId(),
      nonce: details.nonce,
      accountDeploymentData: [],
      nonceDataAvailabilityMode: EDAMode.L1,
      feeDataAvailabilityMode: EDAMode.L1,
      resourceBounds: details.resourceBounds,
      tip: 0n,
      paymasterData: [],
    })
  }
}

/** The same call by somebody else with the same nonce has the same hash: a duplicate. */
function isNonceTaken(error: unknown): boolean {
  const code = rpcErrorCode(error)
  return code === rpcCode.invalidNonce || code === rpcCode.duplicateTransaction
}
