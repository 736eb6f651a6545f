// Long lists of the contract, read from its field elements: the library takes longer over a thousand than the chain.

import type { RpcProvider } from 'starknet'
import { WasmateError } from '../../base/errors.ts'
import type { ListedFunction, RegisteredVersion } from '../../model.ts'
import { Felts, fromShortString, toAddress, toSha256, toShortString } from '../decode.ts'

export interface ListSource {
  provider: RpcProvider
  /** Contract address of the registry. */
  address: string
}

export interface Page {
  offset: number
  limit: number
}

/** Names in the order in which they were first published; past the end there are none. */
export async function readFunctions(source: ListSource, page: Page): Promise<ListedFunction[]> {
  const felts = await call(source, 'functions', toCalldata(page))
  return felts.list(() => nextFunction(felts))
}

/** In the order of their numbers; past the end there are none. */
export async function readVersions(
  source: ListSource,
  name: string,
  page: Page,
): Promise<RegisteredVersion[]> {
  const felts = await call(source, 'versions', [fromShortString(name), ...toCalldata(page)])
  return felts.list(() => nextVersion(felts, name))
}

async function call(
  { provider, address }: ListSource,
  entrypoint: string,
  calldata: string[],
): Promise<Felts> {
  return new Felts(await provider.callContract({ contractAddress: address, entrypoint, calldata }))
}

/** Both have 32 bits in the contract; throws INPUT_INVALID. */
function toCalldata({ offset, limit }: Page): string[] {
  for (const [what, number] of Object.entries({ offset, limit })) {
    if (Number.isInteger(number) && number >= 0 && number < 2 ** 32) continue
    throw new WasmateError('INPUT_INVALID', `${what}: ${number} is no number below 2^32`)
  }
  return [offset, limit].map((number) => `0x${number.toString(16)}`)
}

/** The fields of `ListedFunction` in the order of contracts/registry.cairo. */
function nextFunction(felts: Felts): ListedFunction {
  const name = toShortString(felts.next())
  const listed = { name, owner: toAddress(felts.next()), versionCount: felts.integer() }
  const version = felts.integer()
  const current = { version, cid: felts.byteArray(), sha256: toSha256(felts.u256()), size: felts.integer() }
  return version === 0 ? listed : { ...listed, current }
}

/** The fields of `Version` in the order of contracts/registry.cairo. */
function nextVersion(felts: Felts, name: string): RegisteredVersion {
  const version = felts.integer()
  return {
    ...{ name, version, cid: felts.byteArray(), sha256: toSha256(felts.u256()), size: felts.integer() },
    ...{ sourceCid: felts.byteArray(), publisher: toAddress(felts.next()), publishedAt: felts.integer() },
    ...{ attestations: felts.integer(), yanked: felts.integer() !== 0 },
  }
}
