// What can be asked of a running emulator about receipts: to replay one.

import { WasmateError } from '../../base/errors.ts'
import type { ReplayRequest } from '../../client/messages.ts'
import { type ReplayReport, replay } from '../../flows/replay/replay.ts'
import type { Context } from '../../model.ts'
import type { Receipts } from './receipts.ts'

export class Replaying {
  readonly #receipts: Receipts

  constructor({ receipts }: { receipts: Receipts }) {
    this.#receipts = receipts
  }

  async replay({ receipt, invocation, fuel }: ReplayRequest, context: Context): Promise<ReplayReport> {
    const cid = receipt ?? (invocation === undefined ? undefined : this.#receipts.find(invocation))
    if (cid === undefined) throw new WasmateError('INPUT_INVALID', 'name a receipt or an invocation')
    return replay(cid, this.#receipts.stages, { fuel }, context)
  }
}
