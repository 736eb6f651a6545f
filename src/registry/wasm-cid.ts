// The earlier registry contract as a NameRegistry: a name and the CID it points to, and nothing else. Anyone may
// repoint any name there. Works over our own contract as well, which has the same four methods.

import type { RpcProvider, TypedContractV2 } from 'starknet'
import { WasmateError } from '../base/errors.ts'
import { Kept } from '../base/kept.ts'
import type { Log } from '../base/log.ts'
import type {
  ChangeReceipt,
  Context,
  ListedFunction,
  Publication,
  RegisteredFunction,
  RegisteredVersion,
  Registration,
  RegistryChange,
  VersionRecord,
} from '../model.ts'
import { validateName } from '../name.ts'
import { registryAbi } from './abi.ts'
import { fromShortString, toAddress, toShortString } from './decode.ts'
import { rejectAsChainError, toChainError, toReadError, toRevertError } from './failure.ts'
import type { Invoker } from './invoker.ts'
import type { NameRegistry } from './names.ts'
import { watchReads } from './reads/reread.ts'
import { type SigningAccount, openInvoker } from './sender.ts'
import { type Endpoint, type Starknet, openConnection } from './starknet.ts'

export interface WasmCidRegistryOptions extends Endpoint {
  /** Contract address. */
  address: string
  /** Signs what is published; absent: the registry can only be read. */
  account?: SigningAccount | undefined
  /** How often a watched name is read, 5 s by default: requests to a public RPC are counted. */
  intervalMs?: number
  log: Log
}

interface Connection {
  starknet: Starknet
  provider: RpcProvider
  contract: TypedContractV2<typeof registryAbi>
}

type Method = 'add_wasm_cid' | 'update_wasm_cid'

const defaultIntervalMs = 5_000
const maxPartLength = 31
/** The contract keeps a CID in two short strings. */
export const maxCidLength = 2 * maxPartLength

export class WasmCidRegistry implements NameRegistry {
  readonly #options: WasmCidRegistryOptions
  /** What was chosen for a publication whose answer is not known: the same is sent again, and so found. */
  readonly #unsettled = new Map<string, Method>()
  readonly #connection = new Kept(() => this.#open().catch(rejectAsChainError))
  #sender: Invoker | undefined

  constructor(options: WasmCidRegistryOptions) {
    this.#options = options
  }

  /**
   * Points the name to the CID and waits for the block. The hash, the size and the source's CID can't be kept:
   * what comes back has none. Throws CID_TOO_LONG, ACCOUNT_MISSING, NAME_TAKEN and NAME_INVALID (by our own
   * contract), TRANSACTION_REVERTED, RPC_REFUSED, or CHAIN_NOT_READY: then it may have landed, and the same again finds it.
   */
  async publish({ name, cid }: Publication, context: Context): Promise<Registration> {
    validateName(name)
    checkCid(cid)
    const { account } = this.#options
    if (!account) throw new WasmateError('ACCOUNT_MISSING', `${name} can only be read here`)
    const { starknet, provider, contract } = await this.#connection.get()
    const sender = (this.#sender ??= openInvoker(account, starknet, provider))
    const key = `${name} ${cid}`
    const method = this.#unsettled.get(key) ?? (await this.#chooseMethod(name))
    this.#unsettled.set(key, method)
    try {
      const receipt = await sender.invoke(
        contract.populate(method, [fromShortString(name), toParts(cid)]),
        context,
      )
      this.#unsettled.delete(key)
      if (receipt.revertReason !== undefined) throw toRevertError(receipt.revertReason, name)
      const { transactionHash, blockNumber } = receipt
      const publisher = toAddress(account.address)
      return { ...nothingKept, name, cid, version: 1, publisher, transactionHash, blockNumber }
    } catch (error) {
      throw toChainError(error)
    }
  }

  /** What the contract does not keep is empty: version 1, no owner, no publisher, no hash, no size. */
  async resolve(name: string): Promise<RegisteredFunction> {
    validateName(name)
    const current = await this.#readCurrent(name)
    if (!current) throw new WasmateError('FUNCTION_NOT_FOUND', name)
    return current
  }

  /** Version 1 is what the name points to; another can't be told. */
  async getVersion(name: string, version: number): Promise<RegisteredVersion> {
    if (version !== 1) throw unsupported(`keeps no versions, only the CID that ${name} points to now`)
    return (await this.resolve(name)).current
  }

  /** Ends with the signal, whatever the RPC does meanwhile; the contract has no events, so the name is read anew. */
  async *watchName(name: string, signal: AbortSignal): AsyncGenerator<RegisteredFunction | undefined, void> {
    validateName(name)
    const { intervalMs = defaultIntervalMs, log } = this.#options
    yield* watchReads(() => this.#readCurrent(name), { signal, intervalMs, log })
  }

  async change({ name }: RegistryChange): Promise<ChangeReceipt> {
    throw unsupported(`has no owners, versions or attestations; ${name} can only be pointed to another CID`)
  }

  async history(name: string): Promise<VersionRecord[]> {
    throw unsupported(
      `keeps no history, only the CID that ${name} points to now; \`wasmate log ${name} --watch\` tells when that changes`,
    )
  }

  async hasAttested(name: string): Promise<boolean> {
    throw unsupported(`keeps no attestations, so none of ${name} can be asked for`)
  }

  async list(): Promise<ListedFunction[]> {
    throw unsupported("is not enumerable: its names can't be listed; name the function")
  }

  async #readCurrent(name: string): Promise<RegisteredFunction | undefined> {
    const cid = await this.#readCid(name)
    if (!cid) return undefined
    const current = { ...nothingKept, name, cid, version: 1, publisher: '', ...nothingTold }
    return { name, owner: '', versionCount: 1, current }
  }

  async #chooseMethod(name: string): Promise<Method> {
    try {
      const parts = await this.#readParts(name)
      return parts.some((part) => part !== 0n) ? 'update_wasm_cid' : 'add_wasm_cid'
    } catch (error) {
      // Our own contract says so of a CID that was published there in another way.
      if (error instanceof WasmateError && error.code === 'CID_TOO_LONG') return 'update_wasm_cid'
      throw error
    }
  }

  /** Empty for a name that nobody has. */
  async #readCid(name: string): Promise<string> {
    const parts = await this.#readParts(name)
    const cid = parts.map((part) => (part === 0n ? '' : toShortString(part))).join('')
    if (/^[!-~]*$/.test(cid)) return cid
    throw new WasmateError('RPC_REFUSED', `what the registry has for ${name} is no text`)
  }

  async #readParts(name: string): Promise<bigint[]> {
    const { contract } = await this.#connection.get()
    try {
      const found = await contract.get_wasm_cid(fromShortString(name))
      return [BigInt(found.cid_address_part1), BigInt(found.cid_address_part2)]
    } catch (error) {
      throw toReadError(error, name)
    }
  }

  async #open(): Promise<Connection> {
    const { starknet, provider } = await openConnection(this.#options)
    const { address } = this.#options
    const contract = new starknet.Contract({ abi: registryAbi, address, providerOrAccount: provider })
    return { starknet, provider, contract: contract.typedv2(registryAbi) }
  }
}

const nothingKept = { sha256: '', size: 0, sourceCid: '' }
const nothingTold = { publishedAt: 0, attestations: 0, yanked: false }

/** An empty CID would take the name out of the registry. */
function checkCid(cid: string): void {
  if (!/^[!-~]+$/.test(cid)) throw new WasmateError('CID_INVALID', JSON.stringify(cid))
  if (cid.length > maxCidLength) throw new WasmateError('CID_TOO_LONG', `${cid} has ${cid.length} characters`)
}

function toParts(cid: string): { cid_address_part1: string; cid_address_part2: string } {
  const rest = cid.slice(maxPartLength)
  return {
    cid_address_part1: fromShortString(cid.slice(0, maxPartLength)),
    cid_address_part2: rest ? fromShortString(rest) : '0x0',
  }
}

function unsupported(why: string): WasmateError {
  return new WasmateError('REGISTRY_UNSUPPORTED', `this contract ${why}`)
}
