// Flow of putting our registry contract, or an account, on a network: declared and deployed where it is not there yet.

import type { Context } from '../../model.ts'
import { readClassHash, readFacts } from '../../registry/deployment.ts'
import type { AccountDeployment } from '../../registry/paid/drafts.ts'
import { rejectAsChainError, toRevertError } from '../../registry/failure.ts'
import { Registry } from '../../registry/registry.ts'
import { openConnection } from '../../registry/starknet.ts'
import { endpointOf } from './accounts.ts'
import type { ChangingStages } from './change.ts'
import { type Operation, payFor } from './connect.ts'
import { toFee } from './plan.ts'
import { Standing } from './standing.ts'

export interface PublishedRegistry {
  state: 'published' | 'unchanged'
  network: string
  address: string
  classHash: string
  account: string
  /** Of both transactions, in FRI. */
  fee: string
}

/** Its address follows from its class: the same on every network, and nobody can take it. */
export async function publishRegistry(
  stages: ChangingStages,
  artifactsFolder: string,
  context: Context,
): Promise<PublishedRegistry> {
  const { network, profile, signer, log } = stages
  const facts = await readFacts(artifactsFolder)
  const standing = new Standing('change')
  try {
    const doing = `publish the registry at ${facts.address}`
    const { account, sent } = payFor(stages, operationOf(stages, standing, doing, facts.address))
    const registry = new Registry({
      ...endpointOf(network, profile, context.signal),
      ...{ account, artifactsFolder, log: log.for(network) },
    })
    const { address, classHash } = await registry.ensureDeployed(context)
    await sent.clear()
    const state = standing.landed ? 'published' : 'unchanged'
    return { state, network, address, classHash, account: signer.address, fee: standing.paid.toString() }
  } catch (error) {
    throw standing.explain(error)
  }
}

export interface DeployedAccount {
  /** `unchanged`: it was there already, and nothing was sent. */
  state: 'deployed' | 'unchanged'
  network: string
  address: string
  transaction?: { hash: string; block: number }
  /** In FRI. */
  fee: string
}

/** The account pays for itself. */
export async function deployAccount(
  stages: ChangingStages,
  deployment: AccountDeployment,
  context: Context,
): Promise<DeployedAccount> {
  const { network, profile, signer } = stages
  const { address } = signer
  const standing = new Standing('change')
  try {
    const { account, sent } = payFor(
      stages,
      operationOf(stages, standing, `deploy the account ${address}`, address),
    )
    const { starknet, provider } = await openConnection(endpointOf(network, profile, context.signal))
    if ((await readClassHash(provider, address).catch(rejectAsChainError)) !== undefined) {
      await sent.clear()
      return { state: 'unchanged', network, address, fee: '0' }
    }
    const sender = account.open(starknet, provider)
    const receipt = await sender.deployAccount(deployment, context).catch(rejectAsChainError)
    if (receipt.revertReason !== undefined) throw toRevertError(receipt.revertReason, address)
    const { transactionHash: hash, blockNumber: block, fee } = receipt
    await sent.clear()
    return { state: 'deployed', network, address, transaction: { hash, block }, fee: fee.toString() }
  } catch (error) {
    throw standing.explain(error)
  }
}

function operationOf(stages: ChangingStages, standing: Standing, doing: string, contract: string): Operation {
  const { network, signer, confirm } = stages
  return {
    ...{ operation: doing, subject: doing, tell: standing.follow },
    approve: (price) =>
      confirm({ network, contract, account: signer.address, doing, fee: toFee(price), warnings: [] }),
  }
}
