// Functions on their way up, one deployment of a source at a time: a later one ends the one before.

import { WasmateError } from '../../base/errors.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Deployment } from '../../flows/deploy.ts'
import type { Context } from '../../model.ts'
import type { Step } from '../../steps.ts'

interface Flight {
  stopper: AbortController
  done: Promise<Deployment>
}

export interface DeployContext extends Context {
  step?: (step: Step) => void
}

export class Deployments {
  readonly #flights = new Map<string, Flight>()

  /** What the one under way comes to, or the one that takes its place meanwhile; `undefined` where there is none. */
  current(path: string): Promise<Deployment> | undefined {
    const flight = this.#flights.get(path)
    return flight && this.#last(path, flight.done)
  }

  /** As `deploy`, but CANCELLED only when the caller has given it up: a later one, as of a save, stands for it. */
  bringUp(client: ControlClient, path: string, context: DeployContext): Promise<Deployment> {
    return this.#last(path, this.deploy(client, path, context), context.signal)
  }

  /** Does not wait for the chain. Throws CANCELLED also when a later one has taken its place. */
  deploy(client: ControlClient, path: string, { signal, ...told }: DeployContext): Promise<Deployment> {
    const before = this.#flights.get(path)
    before?.stopper.abort()
    const stopper = new AbortController()
    // Not AbortSignal.any: Node 20 may collect that as garbage, and who listens to it waits for ever.
    if (signal?.aborted) stopper.abort()
    signal?.addEventListener('abort', () => stopper.abort(), { once: true })
    const flight = { stopper, done: this.#run(client, path, before, { ...told, signal: stopper.signal }) }
    this.#flights.set(path, flight)
    const forget = (): void => void (this.#flights.get(path) === flight && this.#flights.delete(path))
    flight.done.then(forget, forget)
    return flight.done
  }

  async #last(path: string, done: Promise<Deployment>, signal?: AbortSignal): Promise<Deployment> {
    for (;;) {
      try {
        return await done
      } catch (error) {
        const later = this.#flights.get(path)?.done
        if (!later || later === done || signal?.aborted) throw error
        done = later
      }
    }
  }

  async #run(
    client: ControlClient,
    path: string,
    before: Flight | undefined,
    context: DeployContext & { signal: AbortSignal },
  ): Promise<Deployment> {
    // What was ended says so to whoever asked for it; the last that is asked for is the last that is registered.
    await before?.done.catch(() => undefined)
    if (context.signal.aborted) throw new WasmateError('CANCELLED')
    return client.stream('deploy', { path, wait: false }, context)
  }
}
