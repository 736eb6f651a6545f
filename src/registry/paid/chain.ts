// What is asked of a chain around a transaction: estimate, nonce, balance, whose account it is; and the sending.

import type { RpcProvider } from 'starknet'
import { z } from 'zod'
import { WasmateError } from '../../base/errors.ts'
import { rpcCode, rpcErrorCode, toRevertError } from '../failure.ts'
import type { Starknet } from '../starknet.ts'
import type { Estimate } from './cost.ts'
import { type Draft, type Terms, toHex } from './drafts.ts'

/** The same on every Starknet network. */
const strkToken = '0x04718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d'

const felt = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/)
const amount = felt.transform(BigInt)

const estimateSchema = z
  .object({
    ...{ l1_gas_consumed: amount, l1_gas_price: amount },
    ...{ l2_gas_consumed: amount, l2_gas_price: amount },
    ...{ l1_data_gas_consumed: amount, l1_data_gas_price: amount },
  })
  .transform((found): Estimate => ({
    l1_gas: { amount: found.l1_gas_consumed, price: found.l1_gas_price },
    l2_gas: { amount: found.l2_gas_consumed, price: found.l2_gas_price },
    l1_data_gas: { amount: found.l1_data_gas_consumed, price: found.l1_data_gas_price },
  }))

const answerSchema = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) }),
])

type RpcFailure = ConstructorParameters<Starknet['RpcError']>[0]

export class PayingChain {
  readonly #starknet: Starknet
  readonly #provider: RpcProvider

  constructor(starknet: Starknet, provider: RpcProvider) {
    this.#starknet = starknet
    this.#provider = provider
  }

  chainId(): Promise<string> {
    return this.#provider.getChainId()
  }

  /** Counts what is pre-confirmed as well; 0 of an account that is not there yet. */
  async nonce(address: string): Promise<bigint> {
    try {
      const params = { contract_address: address, block_id: 'pre_confirmed' }
      return amount.parse(await this.#ask('starknet_getNonce', params))
    } catch (error) {
      if (rpcErrorCode(error) === rpcCode.contractNotFound) return 0n
      throw error
    }
  }

  /** In FRI. */
  async balance(address: string): Promise<bigint> {
    const found = z.array(felt).parse(await this.#call(strkToken, 'balance_of', [address]))
    return BigInt(found[0] ?? 0) + (BigInt(found[1] ?? 0) << 128n)
  }

  /** `undefined` when there is no contract at the address. */
  async classHashAt(address: string): Promise<string | undefined> {
    try {
      return felt.parse(
        await this.#ask('starknet_getClassHashAt', { contract_address: address, block_id: 'latest' }),
      )
    } catch (error) {
      if (rpcErrorCode(error) === rpcCode.contractNotFound) return undefined
      throw error
    }
  }

  /** Asks the account itself (SNIP-6); `undefined` when it can't be asked. */
  async isSignedBy(address: string, hash: string, signature: string[]): Promise<boolean | undefined> {
    const calldata = [hash, toHex(BigInt(signature.length)), ...signature]
    try {
      const [answer = '0x0'] = z.array(felt).parse(await this.#call(address, 'is_valid_signature', calldata))
      return BigInt(answer) !== 0n
    } catch (error) {
      const code = rpcErrorCode(error)
      if (code === rpcCode.entrypointNotFound) return undefined
      if (code !== rpcCode.contractError) throw error
      return JSON.stringify(Object(error)).includes('ENTRYPOINT_NOT_FOUND') ? undefined : false
    }
  }

  /**
   * Runs them without signatures, each on what those before it have changed. Throws what one would be reverted with, in
   * the words of `what`.
   */
  async estimateAll(drafts: readonly Draft[], first: bigint, what: string): Promise<Estimate[]> {
    const none = { amount: 0n, price: 0n }
    const bounds = { l1_gas: none, l2_gas: none, l1_data_gas: none }
    const request = drafts.map((draft, index) =>
      draft.broadcast({ nonce: first + BigInt(index), bounds }, []),
    )
    try {
      const params = { request, simulation_flags: ['SKIP_VALIDATE'], block_id: 'pre_confirmed' }
      const found = await this.#ask('starknet_estimateFee', params)
      return z.array(estimateSchema).length(drafts.length).parse(found)
    } catch (error) {
      if (rpcErrorCode(error) !== rpcCode.executionError) throw error
      throw toRevertError(readReason(error), what)
    }
  }

  /** Gives the hash that the chain calls it by. */
  async send(draft: Draft, terms: Terms, signature: string[]): Promise<string> {
    const body = draft.broadcast(terms, signature)
    const [method, name] = {
      invoke: ['starknet_addInvokeTransaction', 'invoke_transaction'],
      declare: ['starknet_addDeclareTransaction', 'declare_transaction'],
      'deploy-account': ['starknet_addDeployAccountTransaction', 'deploy_account_transaction'],
    }[draft.kind] as [string, string]
    const answer = await this.#ask(method, { [name]: body })
    return z.object({ transaction_hash: felt }).parse(answer).transaction_hash
  }

  /** Of starknet-devnet alone. */
  async mint(address: string, fri: bigint): Promise<void> {
    await this.#ask('devnet_mint', { address, amount: fri, unit: 'FRI' })
  }

  async #call(address: string, entrypoint: string, calldata: string[]): Promise<unknown> {
    const selector = this.#starknet.hash.getSelectorFromName(entrypoint)
    const request = { contract_address: address, entry_point_selector: selector, calldata }
    return this.#ask('starknet_call', { request, block_id: 'pre_confirmed' })
  }

  /** Fails as every request of the provider does, but without the request, which may be half a megabyte. */
  async #ask(method: string, params: object): Promise<unknown> {
    const response = await this.#provider.channel.fetch(method, params)
    const parsed = answerSchema.safeParse(await response.json())
    if (!parsed.success) throw new WasmateError('RPC_REFUSED', `${method} was not answered as specified`)
    if ('result' in parsed.data) return parsed.data.result
    throw new this.#starknet.RpcError(parsed.data.error as RpcFailure, method, {})
  }
}

/** Of an execution error, which is nested as deep as the calls were: the innermost. */
function readReason(error: unknown): string {
  const { data } = z.object({ baseError: z.object({ data: z.unknown() }) }).parse(error).baseError
  let reason = z.looseObject({ execution_error: z.unknown() }).safeParse(data).data?.execution_error ?? data
  for (;;) {
    const inner = z.looseObject({ error: z.unknown() }).safeParse(reason).data?.error
    if (inner === undefined) return typeof reason === 'string' ? reason : JSON.stringify(reason)
    reason = inner
  }
}
