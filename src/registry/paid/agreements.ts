// What somebody has agreed to pay: asked once, and again only where it does not suffice any more.

import { WasmateError } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { PayingChain } from './chain.ts'
import { type Cost, type Price, addUp, fits, toCosts } from './cost.ts'
import type { Draft, Terms } from './drafts.ts'

export interface AgreementOptions {
  /** Of the account that pays. */
  address: string
  /** Asked before anything is signed; throws to stop, and nothing is sent then. */
  approve(price: Price, context: Context): Promise<void>
  /** Most that all of it may cost, in FRI. */
  maximum?: bigint | undefined
  /** What is done, in a few words for errors: a name. */
  what: string
}

export class Agreements {
  readonly #chain: PayingChain
  readonly #options: AgreementOptions
  /** What is not yet paid for. */
  readonly #agreed = new Map<Draft['kind'], Cost>()
  #paid = 0n

  constructor(chain: PayingChain, options: AgreementOptions) {
    this.#chain = chain
    this.#options = options
  }

  /** About all of them at once, each on what those before it will have changed. */
  async ask(drafts: readonly Draft[], context: Context): Promise<void> {
    const { address, approve, maximum, what } = this.#options
    const found = await this.#chain.estimateAll(drafts, await this.#chain.nonce(address), what)
    const left = maximum === undefined ? undefined : maximum - this.#paid
    const costs = toCosts(found, { balance: await this.#chain.balance(address), maximum: left })
    await approve(addUp(costs), context)
    for (const [index, { kind }] of drafts.entries()) {
      const cost = costs[index]
      if (cost) this.#agreed.set(kind, cost)
    }
  }

  /** What it may be signed with; asks where nothing was agreed to, or too little. Throws FEE_ROSE. */
  async termsOf(draft: Draft, context: Context): Promise<Terms> {
    const { address } = this.#options
    const agreed = this.#agreed.get(draft.kind)
    if (agreed) {
      const nonce = await this.#chain.nonce(address)
      if (await this.#fits(draft, nonce, agreed)) return { nonce, bounds: agreed.bounds }
    }
    await this.ask([draft], context)
    // To be asked, and to pin, takes time: the name, the nonce and the prices may have moved meanwhile.
    const nonce = await this.#chain.nonce(address)
    const cost = this.#agreed.get(draft.kind)
    if (!cost || !(await this.#fits(draft, nonce, cost))) {
      throw new WasmateError('FEE_ROSE', 'while it was being confirmed; nothing was sent')
    }
    return { nonce, bounds: cost.bounds }
  }

  /** It has landed. */
  settle({ kind }: Pick<Draft, 'kind'>, fee: bigint): void {
    this.#agreed.delete(kind)
    this.#paid += fee
  }

  async #fits(draft: Draft, nonce: bigint, cost: Cost): Promise<boolean> {
    const [found] = await this.#chain.estimateAll([draft], nonce, this.#options.what)
    return found !== undefined && fits(found, cost)
  }
}
