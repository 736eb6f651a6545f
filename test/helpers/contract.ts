// The registry contract on a test's own chain, called as any of its accounts, without the client.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { CompiledSierra, RpcProvider } from 'starknet'
import { silentLog } from '../../src/base/log.ts'
import type { Publication } from '../../src/model.ts'
import { Registry } from '../../src/registry/registry.ts'
import type { Receipt } from '../../src/registry/receipts.ts'
import { Sender } from '../../src/registry/sender.ts'
import { connectProvider, loadStarknet } from '../../src/registry/starknet.ts'
import type { Chain } from './chain.ts'

// Never imported directly, here and in tests: the product has to prepare what the library finds when it loads.
export const starknet = await loadStarknet()
const { CallData, Contract, createAbiParser, events } = starknet

export const artifactsFolder = fileURLToPath(new URL('../../contracts', import.meta.url))

/** A CIDv1 of 59 characters. */
export const cid = 'bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp5sq'

/** Any digest. */
export const sha256 = 'ab'.repeat(32)

/** Versions of a name differ by their size. */
export const publicationOf = (name: string, size = 1): Publication => ({
  ...{ name, cid, sha256, size, sourceCid: cid },
})

export async function publishVersions(registry: Registry, name: string, count: number): Promise<void> {
  for (let size = 1; size <= count; size++) await registry.publish(publicationOf(name, size), {})
}

export interface Outcome {
  /** Name of each event and what is in it, in order. */
  events: { name: string; fields: Record<string, unknown> }[]
  /** The reason it was reverted with. */
  reverted?: string
}

export interface TestContract {
  address: string
  provider: RpcProvider
  /** Invokes as the account of that index; the receipt as the chain gives it. */
  send(account: number, entrypoint: string, ...args: unknown[]): Promise<Receipt>
  /** The same, read. */
  invoke(account: number, entrypoint: string, ...args: unknown[]): Promise<Outcome>
  /** Reads; throws what the contract refused it with. */
  call(entrypoint: string, ...args: unknown[]): Promise<unknown>
}

export function newRegistry(chain: Chain, account = 0, endpoints: Partial<Chain> = {}): Registry {
  const signer = chain.accounts[account]
  if (!signer) throw new Error(`the chain has no account ${account}`)
  const { rpcUrl, wsUrl } = { ...chain, ...endpoints }
  return new Registry({ rpcUrl, wsUrl, account: signer, artifactsFolder, log: silentLog })
}

export async function readArtifact<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(`${artifactsFolder}/${name}`, 'utf8')) as T
}

export async function deployContract(chain: Chain): Promise<TestContract> {
  const { address } = await newRegistry(chain).ensureDeployed({})
  const provider = connectProvider(starknet, chain.rpcUrl)
  const { abi } = await readArtifact<CompiledSierra>('registry.sierra.json')
  const contract = new Contract({ abi, address, providerOrAccount: provider })
  const senders = chain.accounts.map((account) => new Sender(starknet, provider, account))
  const structs = CallData.getAbiStruct(abi)
  const enums = CallData.getAbiEnum(abi)
  const send: TestContract['send'] = async (account, entrypoint, ...args) => {
    const sender = senders[account]
    if (!sender) throw new Error(`the chain has no account ${account}`)
    return sender.invoke(contract.populate(entrypoint, args as string[]), {})
  }
  return {
    address,
    provider,
    send,
    call: (entrypoint, ...args) => contract.call(entrypoint, args as string[]),
    invoke: async (account, entrypoint, ...args) => {
      const receipt = await send(account, entrypoint, ...args)
      const own = receipt.events.filter(({ from_address: from }) => BigInt(from) === BigInt(address))
      const parsed = events.parseEvents(
        own as never,
        events.getAbiEvents(abi),
        structs,
        enums,
        createAbiParser(abi),
      )
      const named = parsed.flatMap((event) => Object.entries(event))
      return {
        events: named
          .filter(([name]) => name.includes('::'))
          .map(([name, fields]) => ({
            name: name.split('::').at(-1) ?? name,
            fields: fields as Record<string, unknown>,
          })),
        ...(receipt.revertReason !== undefined && {
          reverted: [...receipt.revertReason.matchAll(/\('([^']+)'\)/g)]
            .map(([, reason]) => reason ?? '')
            .find((reason) => !reason.startsWith('ENTRYPOINT_')),
        }),
      }
    },
  }
}
