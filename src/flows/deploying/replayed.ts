// What callers would notice of a deployment: the last recorded calls of the function, replayed on what is deployed, and
// told in its plan. A replay that fails is told there too, and stops nothing.

import { WasmateError, describe } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { AgainstReport } from '../replay/against.ts'
import type { Came, ReplayReport } from '../replay/replay.ts'

export type Replayed =
  | {
      same: number
      changed: number
      /** Recorded calls that can't be replayed. */
      skipped: number
      /** The newest call that differs. */
      first?: { receipt: string; difference: string }
    }
  | { failed: string }

/** The last recorded calls of the function on what it is built to; `undefined`: no emulator runs here. */
export type ReplayLast = (last: number, context: Context) => Promise<AgainstReport | undefined>

const lastCalls = 20
/** Somebody waits for the question. */
const patienceMs = 60_000

/** `undefined` when there is nothing to replay. Throws CANCELLED. */
export async function replayBefore(
  replay: ReplayLast,
  context: Context,
  withinMs = patienceMs,
): Promise<Replayed | undefined> {
  const limit = new AbortController()
  const abort = (): void => limit.abort()
  const timer = setTimeout(abort, withinMs)
  context.signal?.addEventListener('abort', abort)
  try {
    if (context.signal?.aborted) throw new WasmateError('CANCELLED')
    const found = await replay(lastCalls, { ...context, signal: limit.signal })
    return found && sumUp(found)
  } catch (error) {
    if (context.signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: error })
    return { failed: limit.signal.aborted ? `it took longer than ${withinMs / 1_000} s` : describe(error) }
  } finally {
    clearTimeout(timer)
    context.signal?.removeEventListener('abort', abort)
  }
}

function sumUp({ same, changed, skipped, reports }: AgainstReport): Replayed | undefined {
  if (same + changed + skipped.length === 0) return undefined
  const first = reports.find((report) => !report.same)
  return {
    ...{ same, changed, skipped: skipped.length },
    ...(first && { first: { receipt: first.receipt, difference: sayDifference(first) } }),
  }
}

function sayDifference({ diverged, difference, recorded, replayed }: ReplayReport): string {
  // Where it broke off by itself, that is what changed, and not what it did not come to ask any more.
  const hasFailed = replayed !== undefined && 'problem' in replayed
  if (diverged && !hasFailed) {
    const { index, expected = 'no such host call', got = 'the end of the call' } = diverged
    return shorten([`host call ${index + 1}`, `-${expected}`, `+${got}`])
  }
  if (difference) return shorten(firstHunk(difference.words.split('\n')))
  return shorten([`-${sayCame(recorded)}`, ...(replayed ? [`+${sayCame(replayed)}`] : [])])
}

/** Without its head; what is no unified diff stays as it is. */
function firstHunk(lines: string[]): string[] {
  const isHead = (line: string): boolean => line.startsWith('@@')
  const body = isHead(lines[0] ?? '') ? lines.slice(1) : lines
  const end = body.findIndex(isHead)
  return end < 0 ? body : [...body.slice(0, end), '…']
}

const most = { lines: 6, lineLength: 100 }

function shorten(lines: string[]): string {
  const shown = lines
    .slice(0, most.lines)
    .map((line) => (line.length > most.lineLength ? `${line.slice(0, most.lineLength)}…` : line))
  return [...shown, ...(lines.length > most.lines ? ['…'] : [])].join('\n')
}

function sayCame(came: Came): string {
  return 'output' in came ? `${came.output.size} B` : `${came.problem.code}: ${came.problem.detail}`
}
