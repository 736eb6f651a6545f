// name <-> CID: the client of the registry contract on one chain.

import type { Call, RpcProvider } from 'starknet'
import { WasmateError, describe } from '../base/errors.ts'
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
  RegistryEvent,
  VersionRecord,
} from '../model.ts'
import { validateName } from '../name.ts'
import { registryAbi } from './abi.ts'
import {
  type Contract,
  parseAddress,
  parseVersion,
  readRegistration,
  toChangeCall,
  toFunction,
  toPublishCall,
  toVersion,
} from './calls.ts'
import { fromShortString, toAddress } from './decode.ts'
import { deploy, readClassHash, readFacts } from './deployment.ts'
import { watchRegistry } from './events.ts'
import { rejectAsChainError, toChainError, toReadError, toRevertError } from './failure.ts'
import type { Invoker } from './invoker.ts'
import type { NameRegistry } from './names.ts'
import { readHistory } from './reads/history.ts'
import { type Page, readFunctions } from './reads/listing.ts'
import { occasionsOf } from './reads/occasions.ts'
import { watchReads } from './reads/reread.ts'
import type { Receipt } from './receipts.ts'
import { type SigningAccount, openInvoker } from './sender.ts'
import { type Endpoint, type Starknet, openConnection } from './starknet.ts'

export type RegistryOptions = Endpoint & {
  /** WebSocket endpoint for events; without it they are polled. */
  wsUrl?: string
  /** Signs what is published and changed; absent: the registry can only be read. */
  account?: SigningAccount | undefined
  log: Log
} & (
    | {
        /** A registry that is there already. */
        address: string
        artifactsFolder?: string
      }
    | {
        /** Absent: the registry that `ensureDeployed` puts there. */
        address?: undefined
        /** Folder with registry.json and registry.sierra.json. */
        artifactsFolder: string
      }
  )

interface Connection {
  starknet: Starknet
  provider: RpcProvider
  address: string
  contract: Contract
}

/** A watched name is read anew at each of its events, and after this long in any case. */
const watchIntervalMs = 5_000

export class Registry implements NameRegistry {
  readonly #options: RegistryOptions
  readonly #connection = new Kept(() => this.#open().catch(rejectAsChainError))
  #sender: Invoker | undefined

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** Declares and deploys the contract where it is not there yet; with `address` it only looks. */
  async ensureDeployed(context: Context): Promise<{ address: string; classHash: string }> {
    const { provider, address } = await this.#connection.get()
    const { artifactsFolder, log } = this.#options
    try {
      const found = await readClassHash(provider, address)
      if (found !== undefined) return { address, classHash: found }
      if (this.#options.address !== undefined || artifactsFolder === undefined) {
        throw new WasmateError('RPC_REFUSED', `there is no registry at ${address}`)
      }
      const facts = await readFacts(artifactsFolder)
      const { sender } = await this.#connectToWrite('the registry')
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
   * Adds a version and waits for its block. Throws NAME_INVALID, NAME_TAKEN, ACCOUNT_MISSING, TRANSACTION_REVERTED,
   * RPC_REFUSED, or CHAIN_NOT_READY: then the same publication may have landed, and publishing it again finds it.
   */
  async publish(publication: Publication, context: Context): Promise<Registration> {
    const { name } = publication
    validateName(name)
    const receipt = await this.#send(name, context, (given) => toPublishCall(given, publication))
    return readRegistration(receipt, (await this.#connection.get()).address)
  }

  /** Throws as `publish` does, VERSION_YANKED, or FUNCTION_NOT_FOUND; what landed unseen is found by the same again. */
  async change(change: RegistryChange, context: Context): Promise<ChangeReceipt> {
    validateName(change.name)
    const what = 'version' in change ? `${change.name} version ${change.version}` : change.name
    const receipt = await this.#send(what, context, (given) => toChangeCall(given, change))
    return { transactionHash: receipt.transactionHash, blockNumber: receipt.blockNumber }
  }

  /** Throws FUNCTION_NOT_FOUND when nobody has the name, or none of its versions is current. */
  async resolve(name: string): Promise<RegisteredFunction> {
    validateName(name)
    return toFunction(name, await this.#read(name, ({ contract }) => contract.resolve(fromShortString(name))))
  }

  /** Throws FUNCTION_NOT_FOUND when there is no such name or version. */
  async getVersion(name: string, version: number): Promise<RegisteredVersion> {
    validateName(name)
    const number = parseVersion(version)
    const what = `${name} version ${version}`
    return toVersion(
      name,
      await this.#read(what, ({ contract }) => contract.get_version(fromShortString(name), number)),
    )
  }

  /** Every version, newest first, with where it was published. Throws FUNCTION_NOT_FOUND when nobody has the name. */
  async history(name: string, context: Context): Promise<VersionRecord[]> {
    validateName(name)
    return this.#read(name, (connection) => readHistory(connection, name, context))
  }

  async hasAttested(name: string, version: number, verifier: string): Promise<boolean> {
    validateName(name)
    const args = [fromShortString(name), parseVersion(version), parseAddress(verifier)] as const
    return this.#read(name, ({ contract }) => contract.has_attested(...args))
  }

  /** Names in the order in which they were first published; past the end there are none. */
  async list(page: Page): Promise<ListedFunction[]> {
    return this.#read('functions', (connection) => readFunctions(connection, page))
  }

  /** `undefined` also while none of its versions is current. Ends with the signal, whatever the chain does meanwhile. */
  async *watchName(name: string, signal: AbortSignal): AsyncGenerator<RegisteredFunction | undefined, void> {
    validateName(name)
    const read = (): Promise<RegisteredFunction | undefined> =>
      this.resolve(name).catch((error: unknown) => {
        if (error instanceof WasmateError && error.code === 'FUNCTION_NOT_FOUND') return undefined
        throw error
      })
    yield* watchReads(read, {
      ...{ signal, intervalMs: watchIntervalMs, log: this.#options.log },
      occasions: (ending) => occasionsOf(name, this.#options, () => this.#connection.get(), ending),
    })
  }

  /** Every event after block `from`, until the signal aborts. */
  async *watch(from: number, signal: AbortSignal): AsyncGenerator<RegistryEvent, void> {
    const { rpcUrl, wsUrl, log } = this.#options
    const { address } = await this.#connection.get()
    yield* watchRegistry({ rpcUrl, ...(wsUrl && { wsUrl }), address, from, signal, log })
  }

  async #send(what: string, context: Context, toCall: (given: Connection) => Call): Promise<Receipt> {
    const connection = await this.#connectToWrite(what)
    try {
      const receipt = await connection.sender.invoke(toCall(connection), context)
      if (receipt.revertReason !== undefined) throw toRevertError(receipt.revertReason, what)
      return receipt
    } catch (error) {
      throw toChainError(error)
    }
  }

  async #connectToWrite(what: string): Promise<Connection & { sender: Invoker }> {
    const { account } = this.#options
    if (!account) throw new WasmateError('ACCOUNT_MISSING', `${what} can only be read here`)
    const connection = await this.#connection.get()
    const sender = (this.#sender ??= openInvoker(account, connection.starknet, connection.provider))
    return { ...connection, sender }
  }

  async #read<T>(what: string, read: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#connection.get()
    try {
      return await read(connection)
    } catch (error) {
      throw toReadError(error, what)
    }
  }

  async #open(): Promise<Connection> {
    const [{ starknet, provider }, address] = await Promise.all([
      openConnection(this.#options),
      this.#findAddress(),
    ])
    const contract = new starknet.Contract({ abi: registryAbi, address, providerOrAccount: provider })
    return { starknet, provider, address, contract: contract.typedv2(registryAbi) }
  }

  async #findAddress(): Promise<string> {
    const { address, artifactsFolder } = this.#options
    return toAddress(address ?? (await readFacts(artifactsFolder)).address)
  }
}
