// The contract that a local chain needs: its hashes and address, known since it was built, and putting it there.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CompiledSierra, RpcProvider } from 'starknet'
import { z } from 'zod'
import { WasmateError, describe } from '../base/errors.ts'
import type { Context } from '../model.ts'
import { rpcCode, rpcErrorCode, toRevertError } from './failure.ts'
import type { Invoker } from './invoker.ts'

const felt = z.string().regex(/^0x[0-9a-f]{1,64}$/)
const factsSchema = z.object({ classHash: felt, compiledClassHash: felt, address: felt })

/** What contracts/build.mjs wrote down, because hashing the class takes a second. */
export type ContractFacts = z.infer<typeof factsSchema>

export async function readFacts(artifactsFolder: string): Promise<ContractFacts> {
  const path = join(artifactsFolder, 'registry.json')
  try {
    return factsSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new WasmateError('INTERNAL', `${path} can't be read: ${describe(error)}`, { cause: error })
  }
}

/** Class hash of the contract at the address, or `undefined` when there is none. */
export async function readClassHash(provider: RpcProvider, address: string): Promise<string | undefined> {
  try {
    return await provider.getClassHashAt(address)
  } catch (error) {
    if (rpcErrorCode(error) === rpcCode.contractNotFound) return undefined
    throw error
  }
}

/** Declares and deploys; what a run before this one has done already is left as it is. */
export async function deploy(
  { sender, facts, artifactsFolder }: { sender: Invoker; facts: ContractFacts; artifactsFolder: string },
  context: Context,
): Promise<void> {
  const { classHash, compiledClassHash } = facts
  context.report?.({ doing: 'declaring the registry' })
  const text = await readFile(join(artifactsFolder, 'registry.sierra.json'), 'utf8')
  const contract = JSON.parse(text) as CompiledSierra
  const request = { contract, classHash, compiledClassHash }
  await sender.agreeOn?.(request, callDeployer(classHash), context)
  const declared = await sender.declare(request, context)
  if (declared?.revertReason !== undefined) throw toRevertError(declared.revertReason, 'registry')
  context.report?.({ doing: 'deploying the registry' })
  const deployed = await sender.invoke(callDeployer(classHash), context)
  if (deployed.revertReason !== undefined) throw toRevertError(deployed.revertReason, 'registry')
}

/** The Universal Deployer, at the same address on every Starknet network. */
const deployer = '0x02ceed65a4bd731034c01113685c831b01c15d7d432f71afb1cf1634b53a2125'

// Salt 1, not unique, no arguments: the address depends on the class alone.
function callDeployer(classHash: string): {
  contractAddress: string
  entrypoint: string
  calldata: string[]
} {
  return {
    contractAddress: deployer,
    entrypoint: 'deploy_contract',
    calldata: [classHash, '0x1', '0x0', '0x0'],
  }
}
