// A declare transaction, put together here: the library packs the class and unpacks it again on its way out, which
// takes 140 ms of the 300 that a registry needs to be there. It signs and sends.

import type { CompiledSierra, ResourceBoundsBN, RpcProvider } from 'starknet'
import { z } from 'zod'
import type { Starknet } from './starknet.ts'

export interface DeclareRequest {
  contract: CompiledSierra
  classHash: string
  compiledClassHash: string
}

export interface DeclareTerms {
  senderAddress: string
  nonce: bigint
  resourceBounds: ResourceBoundsBN
}

const answerSchema = z.union([
  z.object({ result: z.object({ transaction_hash: z.string() }) }),
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) }),
])

type RpcFailure = ConstructorParameters<Starknet['RpcError']>[0]

interface Signing {
  starknet: Starknet
  provider: RpcProvider
  signer: InstanceType<Starknet['Account']>['signer']
}

/** Gives the transaction's hash; fails as every request of the provider does. */
export async function sendDeclare(
  { starknet, provider, signer }: Signing,
  { contract, classHash, compiledClassHash }: DeclareRequest,
  { senderAddress, nonce, resourceBounds }: DeclareTerms,
): Promise<string> {
  const { EDataAvailabilityMode, num, stark } = starknet
  const signature = await signer.signDeclareTransaction({
    ...{ classHash, compiledClassHash, senderAddress, nonce, resourceBounds },
    ...{ version: '0x3', tip: 0n, paymasterData: [], accountDeploymentData: [] },
    ...{
      nonceDataAvailabilityMode: EDataAvailabilityMode.L1,
      feeDataAvailabilityMode: EDataAvailabilityMode.L1,
    },
    chainId: await provider.getChainId(),
  })
  const response = await provider.channel.fetch('starknet_addDeclareTransaction', {
    declare_transaction: {
      type: 'DECLARE',
      version: '0x3',
      sender_address: senderAddress,
      compiled_class_hash: compiledClassHash,
      contract_class: toContractClass(starknet, contract),
      signature: stark.signatureToHexArray(signature),
      nonce: num.toHex(nonce),
      resource_bounds: stark.resourceBoundsToHexString(resourceBounds),
      tip: '0x0',
      paymaster_data: [],
      account_deployment_data: [],
      nonce_data_availability_mode: 'L1',
      fee_data_availability_mode: 'L1',
    },
  })
  const parsed = answerSchema.parse(await response.json())
  if ('result' in parsed) return parsed.result.transaction_hash
  // Without the request, which the message would repeat: half a megabyte.
  throw new starknet.RpcError(parsed.error as RpcFailure, 'starknet_addDeclareTransaction', {})
}

/** As the RPC takes it. */
export function toContractClass({ hash }: Starknet, contract: CompiledSierra): Record<string, unknown> {
  return {
    sierra_program: contract.sierra_program,
    contract_class_version: contract.contract_class_version,
    entry_points_by_type: contract.entry_points_by_type,
    // The class hash covers the ABI's text as Python writes it: a space behind each colon and comma.
    abi: hash.formatSpaces(JSON.stringify(contract.abi)),
  }
}
