// Transactions of version 3 before they are signed: what the RPC is sent, and the hash that is signed.

import type { Call, constants } from 'starknet'
import { type DeclareRequest, toContractClass } from '../declare.ts'
import type { Starknet } from '../starknet.ts'

export interface Bound {
  amount: bigint
  price: bigint
}

export interface Bounds {
  l1_gas: Bound
  l2_gas: Bound
  l1_data_gas: Bound
}

/** What makes two transactions of one draft different. */
export interface Terms {
  nonce: bigint
  bounds: Bounds
}

export interface Draft {
  kind: 'invoke' | 'declare' | 'deploy-account'
  /** 0x and hex digits; `chainId` as the chain gives it. */
  hashOf(terms: Terms, chainId: string): string
  /** As `starknet_add...Transaction` takes it. */
  broadcast(terms: Terms, signature: string[]): Record<string, unknown>
}

interface Sending {
  starknet: Starknet
  /** Of the account that pays. */
  sender: string
}

export function draftInvoke({ starknet, sender }: Sending, call: Call): Draft {
  const { hash, transaction } = starknet
  const calldata = transaction.getExecuteCalldata([call], '1').map((felt) => toHex(BigInt(felt)))
  return {
    kind: 'invoke',
    hashOf: (terms, chainId) =>
      hash.calculateInvokeTransactionHash({
        ...hashedTerms(starknet, terms, chainId),
        ...{ senderAddress: sender, compiledCalldata: calldata, accountDeploymentData: [] },
      }),
    broadcast: (terms, signature) => ({
      ...{ type: 'INVOKE', sender_address: sender, calldata, account_deployment_data: [] },
      ...sentTerms(terms, signature),
    }),
  }
}

export function draftDeclare({ starknet, sender }: Sending, request: DeclareRequest): Draft {
  const { contract, classHash, compiledClassHash } = request
  return {
    kind: 'declare',
    hashOf: (terms, chainId) =>
      starknet.hash.calculateDeclareTransactionHash({
        ...hashedTerms(starknet, terms, chainId),
        ...{ classHash, compiledClassHash, senderAddress: sender, accountDeploymentData: [] },
      }),
    broadcast: (terms, signature) => ({
      ...{ type: 'DECLARE', sender_address: sender, compiled_class_hash: compiledClassHash },
      ...{ contract_class: toContractClass(starknet, contract), account_deployment_data: [] },
      ...sentTerms(terms, signature),
    }),
  }
}

export interface AccountDeployment {
  classHash: string
  salt: string
  constructorCalldata: string[]
}

/** The account pays for itself: it has to have funds before it is there. */
export function draftDeployAccount({ starknet, sender }: Sending, deployment: AccountDeployment): Draft {
  const { classHash, salt, constructorCalldata } = deployment
  return {
    kind: 'deploy-account',
    hashOf: (terms, chainId) =>
      starknet.hash.calculateDeployAccountTransactionHash({
        ...hashedTerms(starknet, terms, chainId),
        ...{ contractAddress: sender, classHash, salt, compiledConstructorCalldata: constructorCalldata },
      }),
    broadcast: (terms, signature) => ({
      ...{ type: 'DEPLOY_ACCOUNT', class_hash: classHash, contract_address_salt: salt },
      ...{ constructor_calldata: constructorCalldata, ...sentTerms(terms, signature) },
    }),
  }
}

function hashedTerms({ EDAMode, num }: Starknet, { nonce, bounds }: Terms, chainId: string) {
  return {
    version: '0x3' as const,
    chainId: num.toHex(chainId) as `${typeof constants.StarknetChainId.SN_SEPOLIA}`,
    nonce,
    tip: 0n,
    paymasterData: [] as string[],
    nonceDataAvailabilityMode: EDAMode.L1,
    feeDataAvailabilityMode: EDAMode.L1,
    resourceBounds: mapBounds(bounds, ({ amount, price }) => ({
      ...{ max_amount: amount, max_price_per_unit: price },
    })),
  }
}

function sentTerms({ nonce, bounds }: Terms, signature: string[]): Record<string, unknown> {
  return {
    ...{ version: '0x3', signature, nonce: toHex(nonce), tip: '0x0', paymaster_data: [] },
    resource_bounds: mapBounds(bounds, ({ amount, price }) => ({
      ...{ max_amount: toHex(amount), max_price_per_unit: toHex(price) },
    })),
    ...{ nonce_data_availability_mode: 'L1', fee_data_availability_mode: 'L1' },
  }
}

export function mapBounds<T>(bounds: Bounds, map: (bound: Bound) => T): Record<keyof Bounds, T> {
  const { l1_gas, l2_gas, l1_data_gas } = bounds
  return { l1_gas: map(l1_gas), l2_gas: map(l2_gas), l1_data_gas: map(l1_data_gas) }
}

export function toHex(value: bigint): string {
  return `0x${value.toString(16)}`
}
