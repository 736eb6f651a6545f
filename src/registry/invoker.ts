// What a registry's client sends its transactions through: the emulator's own account, or one that pays.

import type { Call, RpcProvider } from 'starknet'
import type { Context } from '../model.ts'
import type { DeclareRequest } from './declare.ts'
import type { Receipt } from './receipts.ts'
import type { Starknet } from './starknet.ts'

export interface Invoker {
  /** Resolves when the call is in a block, reverted or not. */
  invoke(call: Call, context: Context): Promise<Receipt>
  /** A class that is declared already has no receipt. */
  declare(request: DeclareRequest, context: Context): Promise<Receipt | undefined>
  /** Of one that asks before it pays: it asks now, and once, about both. */
  agreeOn?(request: DeclareRequest, call: Call, context: Context): Promise<void>
}

/** An account's address, and what sends for it once there is a connection. */
export interface InvokerSource {
  address: string
  open(starknet: Starknet, provider: RpcProvider): Invoker
}
