// Accounts of networks in this editor: their addresses with its state, their keys in its secret storage and nowhere else.

import { type ExtensionContext, l10n } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import type { Signer } from '../../../registry/paid/signer.ts'

/** Of one network. */
interface Kept {
  addresses: string[]
  chosen?: string
  /** Up to which fee nobody needs to be asked, in FRI. */
  unaskedFee?: string
}

const stateKey = 'wasmate.accounts'

export class NetworkAccounts {
  readonly #context: Pick<ExtensionContext, 'secrets' | 'globalState'>

  constructor(context: Pick<ExtensionContext, 'secrets' | 'globalState'>) {
    this.#context = context
  }

  list(network: string): readonly string[] {
    return this.#of(network).addresses
  }

  /** The one that signs. */
  chosen(network: string): string | undefined {
    const { chosen, addresses } = this.#of(network)
    return chosen ?? addresses[0]
  }

  /** In FRI; 0 unless somebody said so. */
  unaskedFee(network: string): bigint {
    return BigInt(this.#of(network).unaskedFee ?? 0)
  }

  async allowUnasked(network: string, fee: string): Promise<void> {
    await this.#update(network, { unaskedFee: fee })
  }

  /** It signs from now on. */
  async add(network: string, address: string, privateKey: string): Promise<void> {
    await this.#context.secrets.store(secretOf(network, address), privateKey)
    const others = this.list(network).filter((each) => each !== address)
    await this.#update(network, { addresses: [...others, address], chosen: address })
  }

  async choose(network: string, address: string): Promise<void> {
    await this.#update(network, { chosen: address })
  }

  async forget(network: string, address: string): Promise<void> {
    await this.#context.secrets.delete(secretOf(network, address))
    const addresses = this.list(network).filter((each) => each !== address)
    const { chosen: _chosen, ...rest } = this.#of(network)
    await this.#write(network, { ...rest, addresses })
  }

  /** Holds the key as long as it is used. Throws ACCOUNT_MISSING. */
  async signer(network: string): Promise<Signer> {
    const address = this.chosen(network)
    const privateKey = address && (await this.#context.secrets.get(secretOf(network, address)))
    if (!address || !privateKey) {
      throw new WasmateError('ACCOUNT_MISSING', l10n.t('no key of an account on {0} is kept here', network))
    }
    const [{ keySigner }, { loadStarknet }] = await Promise.all([
      import('../../../registry/paid/signer.ts'),
      import('../../../registry/starknet.ts'),
    ])
    return keySigner(await loadStarknet(), address, privateKey)
  }

  #of(network: string): Kept {
    const all = this.#context.globalState.get<Record<string, Kept>>(stateKey) ?? {}
    return (Object.hasOwn(all, network) ? all[network] : undefined) ?? { addresses: [] }
  }

  async #update(network: string, more: Partial<Kept>): Promise<void> {
    await this.#write(network, { ...this.#of(network), ...more })
  }

  async #write(network: string, kept: Kept): Promise<void> {
    const all = this.#context.globalState.get<Record<string, Kept>>(stateKey) ?? {}
    await this.#context.globalState.update(stateKey, { ...all, [network]: kept })
  }
}

function secretOf(network: string, address: string): string {
  return `wasmate.account ${network} ${address}`
}
