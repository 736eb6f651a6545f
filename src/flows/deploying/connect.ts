// A network that is written to: its registry, behind a sender that asks before it spends.

import { join } from 'node:path'
import type { RpcProvider } from 'starknet'
import type { Log } from '../../base/log.ts'
import type { Context } from '../../model.ts'
import { type NetworkProfile, wasmCidWarning } from '../../networks.ts'
import type { Price } from '../../registry/paid/cost.ts'
import { type PaidEvent, PaidSender } from '../../registry/paid/sender.ts'
import { SentTransactions } from '../../registry/paid/sent.ts'
import type { Signer } from '../../registry/paid/signer.ts'
import type { Starknet } from '../../registry/starknet.ts'
import { type Network, openNetwork } from '../network.ts'

/** What every deployment to a network is given. */
export interface Target {
  network: string
  profile: NetworkProfile
  signer: Signer
  /** Most that it may cost, in FRI. */
  maximum?: bigint | undefined
  /** Folder of what was sent: `deployments` of the workspace. */
  folder: string
  log: Log
}

/** One thing that is done there. */
export interface Operation {
  /** Word for word: the same again is gone on with. */
  operation: string
  /** What it is about: another wish for the same takes its place. */
  subject: string
  approve(price: Price, context: Context): Promise<void>
  tell(event: PaidEvent): void
}

export interface Connected {
  account: { address: string; open(starknet: Starknet, provider: RpcProvider): PaidSender }
  sent: SentTransactions
}

export function payFor(target: Target, { operation, subject, approve, tell }: Operation): Connected {
  const { network, profile, signer, maximum, folder } = target
  const sent = new SentTransactions(folder, [network, profile.rpcUrl, signer.address, subject].join(' '))
  const options = { signer, approve, maximum, sent, operation, what: subject, tell }
  const account: Connected['account'] = {
    address: signer.address,
    open: (starknet, provider) => new PaidSender(starknet, provider, options),
  }
  return { account, sent }
}

export function connect(
  target: Target,
  operation: Operation,
  signal: AbortSignal | undefined,
): Network & { sent: SentTransactions } {
  const { network, profile, log } = target
  const { account, sent } = payFor(target, operation)
  return { ...openNetwork(network, profile, { log, account, ...(signal && { signal }) }), sent }
}

/** What is to be known before something is written there. */
export function warningsOf({ kind }: NetworkProfile): string[] {
  return kind === 'wasm-cid' ? [wasmCidWarning] : []
}

/** Of a workspace. */
export function deploymentsFolder(state: string): string {
  return join(state, 'deployments')
}
