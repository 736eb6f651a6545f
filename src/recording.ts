// What a function was told by its host while it ran, in order: enough to run the same call once more.

import type { ErrorCode } from './base/errors.ts'

/** Bytes that are only compared are kept as their size and hash. */
export interface Digest {
  size: number
  /** 64 hex digits. */
  sha256: string
}

export interface RecordedRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: Digest | undefined
}

export interface RecordedFailure {
  /** Absent: thrown by a function of the embedder, in its own words. */
  code?: ErrorCode | undefined
  detail: string
}

/**
 * One call of the host. Numbers of 64 bits are decimal text (`12n` where the type counts), and what follows from the
 * rest of the receipt (a value of the config, of a var that was read before) is not written down again.
 */
export type HostEvent =
  | { call: 'clock'; id: number; ns: string }
  | { call: 'random'; bytes: Uint8Array }
  | { call: 'config'; key: string }
  | { call: 'var-get'; key: string }
  | { call: 'var-set'; key: string; value?: Uint8Array | undefined }
  | {
      call: 'http'
      request: RecordedRequest
      answer?: { status: number; headers: Record<string, string>; body: Uint8Array } | undefined
      failed?: RecordedFailure | undefined
    }
  | {
      call: 'function'
      module: string
      name: string
      /** Numbers, and the bytes of the blocks that they name. */
      asked: (string | Uint8Array)[]
      /** Blocks that it made, in order. */
      stored: Uint8Array[]
      answer?: string | undefined
      failed?: RecordedFailure | undefined
    }

/** Vars as far as they count: those that the call read before it set them; without a value where there was none. */
export interface VarsBefore {
  read: { key: string; value?: Uint8Array | undefined }[]
  /** Of all the function's vars together, which are limited. */
  bytes: number
}

/** Nothing secret is in it: see base/secrets.ts. */
export interface Recording {
  events: HostEvent[]
  vars: VarsBefore
  /** Why a replay may come to something else; empty: there is no such reason. */
  unfaithful: string[]
  /** What the instance of the call took to make. */
  startMs: number
}

/** What a replay is given in the place of a host. */
export interface Script extends Pick<Recording, 'events' | 'vars'> {
  /**
   * `strict`: every call of the host has to be the recorded one, in its order. `loose`: for another module than was
   * recorded, which may ask in another order, or for less.
   */
  matching: 'strict' | 'loose'
}

/** The first host call that was another one. */
export interface Divergence {
  /** Counts from 0, in the order of the recording. */
  index: number
  /** The recorded one, in short; absent: there was none any more. */
  expected?: string | undefined
  /** Absent: the function had ended. */
  got?: string | undefined
}

/** As JSON, bytes too. */
export function printRecorded(value: unknown): string {
  return JSON.stringify(value, encodeBytes)
}

export function parseRecorded(text: string): unknown {
  return JSON.parse(text, decodeBytes)
}

const mark = 'base64:'

/** `this` is what holds the value: a Buffer has been turned into something else by now. */
function encodeBytes(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? { [mark]: Buffer.from(original).toString('base64') } : value
}

function decodeBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(mark in value)) return value
  return new Uint8Array(Buffer.from(value[mark] as string, 'base64'))
}
