// Asks a pinning service for a request again and again, until it has ended there.

import { WasmateError, toWasmateError } from '../../base/errors.ts'
import { pause } from '../../base/pause.ts'
import { printable } from '../../base/printable.ts'
import { type PinningClient, Refusal, isSameDag } from './client.ts'
import type { PinStatus } from './messages.ts'

export interface WatchOptions {
  signal?: AbortSignal | undefined
  /** Told of every status as it was returned, when it differs from the one before. */
  tell: (status: PinStatus) => void
  /** First pause between two questions; each is longer than the one before. 250 ms unless given. */
  pauseMs?: number
  /** Longest pause that comes by itself: 10 seconds unless given. The service may ask for a longer one. */
  maxPauseMs?: number
}

/** A service that asks for more is asked sooner. */
const maxRetryAfterMs = 10 * 60_000

/** So many questions in a row may go wrong in a way that passes. */
const maxFailures = 5

/**
 * Gives the last status: `pinned` or `failed`. Without an end it goes on until the signal is aborted, and throws
 * CANCELLED; the request stays where it is. Throws what `get` throws when that does not pass.
 */
export async function watchPin(
  client: PinningClient,
  first: PinStatus,
  { signal = new AbortController().signal, tell, pauseMs = 250, maxPauseMs = 10_000 }: WatchOptions,
): Promise<PinStatus> {
  let status = first
  let failures = 0
  let waitMs = pauseMs
  let askedMs = 0
  tell(status)
  while (status.status !== 'pinned' && status.status !== 'failed') {
    await pause(Math.max(askedMs, waitMs), signal)
    if (signal.aborted)
      throw new WasmateError('CANCELLED', `request ${status.requestid} stays with the service`)
    waitMs = Math.min(waitMs * 1.5, maxPauseMs)
    try {
      const next = await client.get(first.requestid, { signal })
      if (!isSameDag(next.pin.cid, first.pin.cid)) throw changed(next)
      failures = 0
      askedMs = 0
      if (JSON.stringify(next) !== JSON.stringify(status)) tell(next)
      status = next
    } catch (error) {
      failures += 1
      if (failures > maxFailures || !isPassing(error)) throw error
      askedMs = Math.min(retryAfter(error), maxRetryAfterMs)
    }
  }
  return status
}

/** Too many questions, a service that is down: the request itself is not refused by that. */
function isPassing(error: unknown): boolean {
  const { code, cause } = toWasmateError(error)
  if (code === 'PINNING_UNREACHABLE') return true
  return cause instanceof Refusal && (cause.status === 429 || cause.status >= 500)
}

function retryAfter(error: unknown): number {
  const { cause } = toWasmateError(error)
  return (cause instanceof Refusal ? cause.retryAfterMs : undefined) ?? 0
}

function changed({ requestid, pin }: PinStatus): WasmateError {
  const detail = `request ${printable(requestid, 120)} is for ${printable(pin.cid, 120)} all of a sudden`
  return new WasmateError('PINNING_ANSWER_INVALID', detail)
}
