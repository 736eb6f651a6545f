// name <-> CID: the client of the registry contract on one chain.

import type { RpcProvider, TypedContractV2, Uint256 } from 'starknet'
import { WasmateError, describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type {
  Context,
  ListedFunction,
  Publication,
  RegisteredFunction,
  RegisteredVersion,
  Registration,
  RegistryEvent,
} from '../model.ts'
import { registryAbi } from './abi.ts'
import { decodePublished, fromShortString, toAddress, toSha256, toShortString } from './decode.ts'
import { type ContractFacts, deploy, readClassHash, readFacts } from './deployment.ts'
import { watchRegistry } from './events.ts'
import { toChainError, toReadError, toRevertError } from './failure.ts'
import { validateName } from '../name.ts'
import { type Receipt, Sender, type SenderAccount } from './sender.ts'
import { type Starknet, connectProvider, loadStarknet } from './starknet.ts'

export interface RegistryOptions {
  rpcUrl: string
  /** WebSocket endpoint for events; without it they are polled. */
  wsUrl?: string
  /** Signs what is published. */
  account: SenderAccount
  /** A registry that is there already; absent: the one that `ensureDeployed` puts there. */
  address?: string
  /** Folder with registry.json and registry.sierra.json. */
  artifactsFolder: string
  log: Log
}

interface Connection {
  starknet: Starknet
  provider: RpcProvider
  sender: Sender
  facts: ContractFacts
  address: string
  contract: TypedContractV2<typeof registryAbi>
}

/** What the typed contract gives for a version and a function. */
type CairoFunction = Awaited<ReturnType<TypedContractV2<typeof registryAbi>['resolve']>>
type CairoVersion = CairoFunction['current']

export class Registry {
  readonly #options: RegistryOptions
  #connecting: Promise<Connection> | undefined

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** Declares and deploys the contract where it is not there yet; with `address` it only looks. */
  async ensureDeployed(context: Context): Promise<{ address: string; classHash: string }> {
    const { sender, provider, facts, address } = await this.#connect()
    const { artifactsFolder, log } = this.#options
    try {
      const found = await readClassHash(provider, address)
      if (found !== undefined) return { address, classHash: found }
      if (this.#options.address) throw new WasmateError('RPC_REFUSED', `there is no registry at ${address}`)
      await deploy({ sender, facts, artifactsFolder }, context).catch(async (error: unknown) => {
        // Somebody else may have been quicker: what counts is that it is there.
        if ((await readClassHash(provider, address)) === undefined) throw error
        log.debug(`deployed by somebody else: ${describe(error)}`)
      })
      return { address, classHash: facts.classHash }
    } catch (error) {
      throw toChainError(error)
    }
  }

  /**
   * Adds a version and waits for its block. Throws NAME_INVALID, NAME_TAKEN, TRANSACTION_REVERTED, RPC_REFUSED,
   * or CHAIN_NOT_READY: then the same publication may have landed, and publishing it again finds it.
   */
  async publish(publication: Publication, context: Context): Promise<Registration> {
    validateName(publication.name)
    const { sender, contract, starknet, address } = await this.#connect()
    const { name, cid, sha256, size, sourceCid } = publication
    try {
      const hash = starknet.cairo.uint256(BigInt(`0x${sha256 || '0'}`))
      const call = contract.populate('publish', [fromShortString(name), cid, hash, size, sourceCid])
      const receipt = await sender.invoke(call, context)
      if (receipt.revertReason !== undefined) throw toRevertError(receipt.revertReason, name)
      return readRegistration(receipt, address)
    } catch (error) {
      throw toChainError(error)
    }
  }

  /** Throws FUNCTION_NOT_FOUND when nobody has the name, or none of its versions is current. */
  async resolve(name: string): Promise<RegisteredFunction> {
    validateName(name)
    const found = await this.#read(name, (contract) => contract.resolve(fromShortString(name)))
    const current = toVersion(name, found.current)
    return { name, owner: toAddress(found.owner), versionCount: Number(found.version_count), current }
  }

  /** Throws FUNCTION_NOT_FOUND when there is no such name or version. */
  async getVersion(name: string, version: number): Promise<RegisteredVersion> {
    validateName(name)
    const what = `${name} version ${version}`
    return toVersion(
      name,
      await this.#read(what, (contract) => contract.get_version(fromShortString(name), version)),
    )
  }

  /** Names in the order in which they were first published; past the end there are none. */
  async list({ offset, limit }: { offset: number; limit: number }): Promise<ListedFunction[]> {
    // By `call`, because the library's contract has a property of its own that is named like this function.
    const page = await this.#read('functions', (contract) => contract.call('functions', [offset, limit]))
    return page.map(toListed)
  }

  /** Every event after block `from`, until the signal aborts. */
  async *watch(from: number, signal: AbortSignal): AsyncGenerator<RegistryEvent, void> {
    const { rpcUrl, wsUrl, log } = this.#options
    const { address } = await this.#connect()
    yield* watchRegistry({ rpcUrl, ...(wsUrl && { wsUrl }), address, from, signal, log })
  }

  async #read<T>(what: string, read: (contract: Connection['contract']) => Promise<T>): Promise<T> {
    const { contract } = await this.#connect()
    try {
      return await read(contract)
    } catch (error) {
      throw toReadError(error, what)
    }
  }

  #connect(): Promise<Connection> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  async #open(): Promise<Connection> {
    const { rpcUrl, account, artifactsFolder } = this.#options
    const [starknet, facts] = await Promise.all([loadStarknet(), readFacts(artifactsFolder)])
    const provider = connectProvider(starknet, rpcUrl)
    const address = toAddress(this.#options.address ?? facts.address)
    const contract = new starknet.Contract({ abi: registryAbi, address, providerOrAccount: provider })
    const sender = new Sender(starknet, provider, account)
    return { starknet, provider, sender, facts, address, contract: contract.typedv2(registryAbi) }
  }
}

/** The event has what the contract took, and the version it gave. */
function readRegistration(receipt: Receipt, address: string): Registration {
  const event = receipt.events.find((each) => toAddress(each.from_address) === address)
  if (!event) throw new WasmateError('RPC_REFUSED', `transaction ${receipt.transactionHash} has no event`)
  const { kind: _, ...published } = decodePublished(event)
  return { ...published, transactionHash: receipt.transactionHash, blockNumber: receipt.blockNumber }
}

function toListed(found: CairoFunction): ListedFunction {
  const name = toShortString(BigInt(found.name))
  const listed = { name, owner: toAddress(found.owner), versionCount: Number(found.version_count) }
  if (Number(found.current.number) === 0) return listed
  return { ...listed, current: toVersion(name, found.current) }
}

function toVersion(name: string, found: CairoVersion): RegisteredVersion {
  return {
    name,
    cid: found.cid,
    sha256: toSha256(toBigInt(found.sha256)),
    size: Number(found.size),
    sourceCid: found.source_cid,
    version: Number(found.number),
    publisher: toAddress(found.publisher),
    publishedAt: Number(found.published_at),
    attestations: Number(found.attestations),
    yanked: found.yanked,
  }
}

/** The library reads a u256 as a bigint; its types allow what may be written as well. */
function toBigInt(value: number | bigint | Uint256): bigint {
  if (typeof value !== 'object') return BigInt(value)
  return BigInt(value.low) + (BigInt(value.high) << 128n)
}
