// Back to where a recorded call has been: the same call from its beginning, asked for the same, in a process of its own.

import { WasmateError } from '../../base/errors.ts'
import type { Hosts } from '../host/hosts.ts'
import { Execution, type ExecutionListener } from './execution.ts'
import type { Visit, Way } from './journal.ts'
import type { RunningOptions, StopEvent } from './running.ts'
import type { DebugTarget } from './target.ts'

export interface WalkOptions extends RunningOptions {
  hosts: Hosts
  signal: AbortSignal
}

/** Where it stands now. */
export interface Walked {
  execution: Execution
  stop: StopEvent
}

/** Throws REPLAY_DIVERGED when the call does not come there, CANCELLED, and what its process dies of. */
export async function walk(
  target: DebugTarget,
  { visits, settings }: Way,
  { hosts, signal, ...options }: WalkOptions,
): Promise<Walked> {
  const execution = new Execution(hosts.take(target.module), options)
  const stops = new Stops()
  execution.listen(stops)
  const end = (): void => void execution.end()
  signal.addEventListener('abort', end)
  try {
    await execution.load(target)
    let stop: StopEvent | undefined
    for (const visit of visits) stop = await pass(visit, execution, stops)
    for (const request of settings) await execution.handle(request)
    if (!stop || signal.aborted) throw new WasmateError('CANCELLED')
    return { execution, stop }
  } catch (error) {
    await execution.end()
    throw signal.aborted ? new WasmateError('CANCELLED') : error
  } finally {
    signal.removeEventListener('abort', end)
  }
}

async function pass({ requests, place }: Visit, execution: Execution, stops: Stops): Promise<StopEvent> {
  const next = stops.next()
  for (const request of requests) await execution.handle(request)
  const stop = await next
  if (place !== undefined && stop.place !== place) throw elsewhere()
  return stop
}

function elsewhere(): WasmateError {
  return new WasmateError('REPLAY_DIVERGED', 'it did not come to the same stop again')
}

/** Hears each stop for whoever walks; what the call says on the way was said before. */
class Stops implements ExecutionListener {
  #arrive: (stop: StopEvent) => void = () => undefined
  #lose: (error: Error) => void = () => undefined

  /** To be asked for before the call goes on. */
  next(): Promise<StopEvent> {
    const next = new Promise<StopEvent>((resolve, reject) => {
      this.#arrive = resolve
      this.#lose = reject
    })
    // It may be lost before anybody waits.
    next.catch(() => undefined)
    return next
  }

  stopped(stop: StopEvent): void {
    this.#arrive(stop)
  }

  output(): void {
    return
  }

  done(): void {
    this.#lose(elsewhere())
  }

  ended(error: WasmateError | undefined): void {
    this.#lose(error ?? new WasmateError('CANCELLED'))
  }
}
