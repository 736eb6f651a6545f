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

  /** The one under way, if there is one. */
  current(path: string): Promise<Deployment> | undefined {
    return this.#flights.get(path)?.done
  }

  /** Does not wait for the chain. Throws CANCELLED also when a later one has taken its place. */
  deploy(client: ControlClient, path: string, { signal, ...told }: DeployContext): Promise<Deployment> {
    const before = this.#flights.get(path)
    before?.stopper.abort()
    const stopper = new AbortController()
    const ending = signal ? AbortSignal.any([signal, stopper.signal]) : stopper.signal
    const flight = { stopper, done: this.#run(client, path, before, { ...told, signal: ending }) }
    this.#flights.set(path, flight)
    const forget = (): void => void (this.#flights.get(path) === flight && this.#flights.delete(path))
    flight.done.then(forget, forget)
    return flight.done
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
