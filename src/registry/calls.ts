// What the contract is given for a change, and what its typed reads give back, in the words of the model.

import type { Call, TypedContractV2, Uint256 } from 'starknet'
import { WasmateError } from '../base/errors.ts'
import type {
  Publication,
  RegisteredFunction,
  RegisteredVersion,
  Registration,
  RegistryChange,
} from '../model.ts'
import type { registryAbi } from './abi.ts'
import { decodePublished, fromShortString, toAddress, toSha256 } from './decode.ts'
import type { Receipt } from './receipts.ts'
import type { Starknet } from './starknet.ts'

export type Contract = TypedContractV2<typeof registryAbi>
type CairoFunction = Awaited<ReturnType<Contract['resolve']>>
type CairoVersion = CairoFunction['current']

/** What a call is put together with. */
interface Given {
  starknet: Starknet
  contract: Contract
}

export function toPublishCall({ starknet, contract }: Given, publication: Publication): Call {
  const { name, cid, sha256, size, sourceCid } = publication
  return contract.populate('publish', [
    ...([fromShortString(name), cid] as const),
    starknet.cairo.uint256(sha256 === '' ? 0n : parseSha256(sha256)),
    ...([size, sourceCid] as const),
  ])
}

export function toChangeCall({ starknet, contract }: Given, change: RegistryChange): Call {
  const name = fromShortString(change.name)
  switch (change.kind) {
    case 'set-current':
      return contract.populate('set_current', [name, parseVersion(change.version)])
    case 'yank':
      return contract.populate('yank', [name, parseVersion(change.version)])
    case 'transfer-ownership':
      return contract.populate('transfer_ownership', [name, parseAddress(change.to)])
    case 'accept-ownership':
      return contract.populate('accept_ownership', [name])
    case 'add-maintainer':
      return contract.populate('add_maintainer', [name, parseAddress(change.account)])
    case 'remove-maintainer':
      return contract.populate('remove_maintainer', [name, parseAddress(change.account)])
    case 'attest': {
      const sha256 = starknet.cairo.uint256(parseSha256(change.sha256))
      return contract.populate('attest', [name, parseVersion(change.version), sha256])
    }
  }
}

/** The event has what the contract took, and the version it gave. */
export function readRegistration(receipt: Receipt, address: string): Registration {
  const event = receipt.events.find((each) => toAddress(each.from_address) === address)
  if (!event) throw new WasmateError('RPC_REFUSED', `transaction ${receipt.transactionHash} has no event`)
  const { kind: _, ...published } = decodePublished(event)
  return { ...published, transactionHash: receipt.transactionHash, blockNumber: receipt.blockNumber }
}

export function toFunction(name: string, found: CairoFunction): RegisteredFunction {
  const { owner, version_count: versionCount, current } = found
  return {
    ...{ name, owner: toAddress(owner), versionCount: Number(versionCount) },
    current: toVersion(name, current),
  }
}

export function toVersion(name: string, found: CairoVersion): RegisteredVersion {
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

/** Counts from 1, in 32 bits; throws INPUT_INVALID. */
export function parseVersion(version: number): number {
  if (Number.isInteger(version) && version > 0 && version < 2 ** 32) return version
  throw new WasmateError('INPUT_INVALID', `${version} is no version`)
}

/** As the RPC writes it; throws INPUT_INVALID. Addresses are below 2^251. */
export function parseAddress(address: string): string {
  if (/^0x[0-9a-f]{1,64}$/i.test(address) && BigInt(address) < 2n ** 251n) return toAddress(address)
  throw new WasmateError('INPUT_INVALID', `${JSON.stringify(address)} is no address of an account`)
}

function parseSha256(sha256: string): bigint {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return BigInt(`0x${sha256}`)
  throw new WasmateError('INPUT_INVALID', `${JSON.stringify(sha256)} is no SHA-256 of 64 hex digits`)
}
