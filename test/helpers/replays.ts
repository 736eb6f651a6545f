// A call recorded by a real runner, and what its receipt comes to when it is replayed.

import type { Answer } from '../../src/model.ts'
import type { Recording, Script } from '../../src/recording.ts'
import { CallError } from '../../src/runner/runner.ts'
import type { ReplayOutcome } from '../../src/runner/replay/replays.ts'
import { type Asked, type TestRunner, defaultOptions } from './runner.ts'

export interface Recorded {
  cid: string
  export: string
  input: Uint8Array
  recording: Recording
  /** The output as base64, or `CODE: detail`. */
  came: string
}

export async function record({ invoke }: TestRunner, asked: Asked): Promise<Recorded> {
  const outcome: unknown = await invoke({ ...asked, record: true }).catch((error: unknown) => error)
  const call = outcome instanceof CallError ? outcome.call : (outcome as Omit<Answer, 'output'>)
  if (!call.recording) throw outcome
  const came =
    outcome instanceof CallError
      ? `${outcome.code}: ${outcome.detail ?? ''}`
      : Buffer.from((outcome as Answer).output).toString('base64')
  const input = Buffer.from(asked.input ?? '')
  return { cid: call.cid, export: call.export, input, recording: call.recording, came }
}

export interface ReplayAsked {
  config?: Record<string, string>
  matching?: Script['matching']
  metered?: boolean
  /** Another module than was recorded. */
  bytes?: Uint8Array
  events?: Recording['events']
}

export async function replay(
  { runner }: TestRunner,
  recorded: Recorded,
  { config = {}, matching = 'strict', metered = false, bytes, events }: ReplayAsked = {},
): Promise<ReplayOutcome> {
  const { cid, input, recording } = recorded
  const module = bytes ?? runner.bytesOf(cid)
  if (!module) throw new Error(`${cid} is not loaded`)
  return runner.replays.run({
    ...{ cid: bytes ? `${cid} other` : cid, bytes: module, export: recorded.export, input, metered },
    options: { ...defaultOptions, config },
    script: { events: events ?? recording.events, vars: recording.vars, matching },
  })
}

/** As `Recorded.came`, with where it went another way. */
export function cameOf({ result, diverged }: ReplayOutcome): string {
  if (diverged) return `diverged at ${diverged.index}: ${diverged.expected ?? '-'} | ${diverged.got ?? '-'}`
  if (result.ok) return Buffer.from(result.output).toString('base64')
  return `${result.error.code}: ${result.error.detail ?? ''}`
}
