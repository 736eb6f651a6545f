// Field elements of the registry, in its events and its lists -> values. Nothing that a chain sends is taken on trust.

import { WasmateError } from '../base/errors.ts'
import type {
  CurrentChanged,
  EventPosition,
  FunctionPublished,
  RegistryEvent,
  RightsChanged,
  VersionAttested,
  VersionYanked,
} from '../model.ts'

export interface RawEvent {
  keys: string[]
  data: string[]
}

type Decoded<T> = T extends EventPosition ? Omit<T, keyof EventPosition> : never

/** What an event says, without where it stands on the chain. */
export type DecodedEvent = Decoded<RegistryEvent>

/** By the event's name in the contract; throws RPC_REFUSED for what that event can't be. */
export const eventDecoders: Record<string, (event: RawEvent) => DecodedEvent> = {
  FunctionPublished: decodePublished,
  CurrentChanged: decodeCurrentChanged,
  VersionYanked: decodeYanked,
  VersionAttested: decodeAttested,
  OwnershipTransferStarted: ({ keys }) => decodeRights('ownership-offered', keys, 3),
  OwnershipTransferred: ({ keys }) => decodeRights('ownership-transferred', keys, 3),
  MaintainerAdded: ({ keys }) => decodeRights('maintainer-added', keys, 2),
  MaintainerRemoved: ({ keys }) => decodeRights('maintainer-removed', keys, 2),
}

export function decodePublished({ keys, data }: RawEvent): Decoded<FunctionPublished> {
  const indexed = new Felts(keys)
  const rest = new Felts(data)
  indexed.next()
  return {
    kind: 'published',
    name: toShortString(indexed.next()),
    publisher: toAddress(indexed.next()),
    version: rest.integer(),
    cid: rest.byteArray(),
    sha256: toSha256(rest.u256()),
    size: rest.integer(),
    sourceCid: rest.byteArray(),
  }
}

export function decodeCurrentChanged({ keys, data }: RawEvent): Decoded<CurrentChanged> {
  const indexed = new Felts(keys)
  const rest = new Felts(data)
  indexed.next()
  return {
    kind: 'current-changed',
    name: toShortString(indexed.next()),
    version: rest.integer(),
    previous: rest.integer(),
  }
}

function decodeYanked({ keys, data }: RawEvent): Decoded<VersionYanked> {
  const indexed = new Felts(keys)
  indexed.next()
  return {
    kind: 'yanked',
    name: toShortString(indexed.next()),
    account: toAddress(indexed.next()),
    version: new Felts(data).integer(),
  }
}

function decodeAttested({ keys, data }: RawEvent): Decoded<VersionAttested> {
  const indexed = new Felts(keys)
  const rest = new Felts(data)
  indexed.next()
  return {
    kind: 'attested',
    name: toShortString(indexed.next()),
    verifier: toAddress(indexed.next()),
    version: rest.integer(),
    sha256: toSha256(rest.u256()),
  }
}

/** Whom it is about is the last of the keys: an owner before it is the one who has, or had, the name. */
function decodeRights(
  kind: RightsChanged['kind'],
  keys: string[],
  accountIndex: number,
): Decoded<RightsChanged> {
  const indexed = new Felts(keys)
  const felts = Array.from({ length: accountIndex + 1 }, () => indexed.next())
  const [, name = 0n] = felts
  return { kind, name: toShortString(name), account: toAddress(felts[accountIndex] ?? 0n) }
}

/** 0x and hex digits without leading zeros, as the RPC writes addresses. */
export function toAddress(felt: bigint | string): string {
  return `0x${BigInt(felt).toString(16)}`
}

/** A name as the contract takes it. starknet.js would take `42` or `0x41` for a number. */
export function fromShortString(name: string): string {
  return `0x${Buffer.from(name, 'latin1').toString('hex')}`
}

export function toShortString(felt: bigint): string {
  return Buffer.from(toHex(felt), 'hex').toString('latin1')
}

/** 64 hex digits; empty for 0, which stands for "not recorded". */
export function toSha256(value: bigint): string {
  return value === 0n ? '' : value.toString(16).padStart(64, '0')
}

function toHex(value: bigint): string {
  const digits = value.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

/** Reads field elements one after the other; throws RPC_REFUSED for what can't be what is asked for. */
export class Felts {
  readonly #felts: string[]
  #read = 0

  constructor(felts: string[]) {
    this.#felts = felts
  }

  next(): bigint {
    const felt = this.#felts[this.#read++]
    if (felt === undefined || !/^0x[0-9a-f]{1,64}$/i.test(felt)) {
      throw this.#unexpected(felt ?? 'no more data')
    }
    return BigInt(felt)
  }

  integer(): number {
    const value = this.next()
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.#unexpected(`${value}, which is too large,`)
    }
    return Number(value)
  }

  u256(): bigint {
    const low = this.next()
    return low + (this.next() << 128n)
  }

  /** Cairo's Array: how many there are, then each. */
  list<T>(next: () => T): T[] {
    const count = this.integer()
    if (count > this.#felts.length) throw this.#unexpected(`${count} of a list`)
    return Array.from({ length: count }, next)
  }

  /** Full words of 31 bytes, then what is left and its length (Cairo's ByteArray). */
  byteArray(): string {
    const count = this.integer()
    if (count > this.#felts.length) throw this.#unexpected(`${count} words of text`)
    const words = Array.from({ length: count }, () => this.#bytes(this.next(), 31))
    const last = this.next()
    return words.join('') + this.#bytes(last, this.integer())
  }

  #bytes(word: bigint, length: number): string {
    const digits = word === 0n ? '' : toHex(word)
    if (length > 31 || digits.length > 2 * length) throw this.#unexpected(`text of ${length} bytes`)
    return Buffer.from(digits.padStart(2 * length, '0'), 'hex').toString('latin1')
  }

  #unexpected(what: string): WasmateError {
    return new WasmateError('RPC_REFUSED', `the registry gave ${what} before place ${this.#read}`)
  }
}
