// Whether what is pinned is really here: every block of every pin read and checked against its CID.

import type { CID } from 'multiformats/cid'
import { type ErrorCode, type WasmateError, toWasmateError } from '../base/errors.ts'
import { type BlockReader, dagKeyOf, linksOf } from './dag/codecs.ts'
import type { PinnedRoot } from './pins.ts'

export interface BadBlock {
  cid: CID
  /** `damaged`: other bytes than its CID says. `unreadable`: of a codec or hash that is not known, or its file fails. */
  state: 'missing' | 'damaged' | 'unreadable'
  detail: string
  error: WasmateError
}

export interface VerifiedPin extends PinnedRoot {
  /** Distinct blocks of it that are as they must be. */
  goodCount: number
  /** In the order they are come upon; empty when the pin is whole. What hangs under one can't be known. */
  bad: BadBlock[]
}

const states: Partial<Record<ErrorCode, BadBlock['state']>> = {
  CONTENT_NOT_FOUND: 'missing',
  STATE_DAMAGED: 'damaged',
  BLOCK_MISMATCH: 'damaged',
}

/** Goes on behind a bad block with all that is still known. Throws CANCELLED alone. */
export async function* verifyPins(
  reader: BlockReader,
  pins: Iterable<PinnedRoot>,
  signal?: AbortSignal,
): AsyncGenerator<VerifiedPin> {
  for (const pin of pins) yield { ...pin, ...(await verifyPin(reader, pin, signal)) }
}

async function verifyPin(
  reader: BlockReader,
  { cid: root, mode }: PinnedRoot,
  signal: AbortSignal | undefined,
): Promise<Pick<VerifiedPin, 'goodCount' | 'bad'>> {
  const bad: BadBlock[] = []
  const seen = new Set<string>()
  const stack = [root]
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal?.throwIfAborted()
    if (seen.has(dagKeyOf(cid))) continue
    seen.add(dagKeyOf(cid))
    try {
      const links = linksOf({ cid, bytes: await reader.get(cid) })
      if (mode === 'recursive') for (const link of links.reverse()) stack.push(link)
    } catch (error) {
      const failure = toWasmateError(error)
      const { code, detail = code } = failure
      if (code === 'CANCELLED') throw error
      bad.push({ cid, state: states[code] ?? 'unreadable', detail, error: failure })
    }
  }
  return { goodCount: seen.size - bad.length, bad }
}
