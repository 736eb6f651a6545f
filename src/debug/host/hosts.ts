// Hosts for calls, of which one may be started, and have its module, before it is needed: that takes a tenth of a second
// to a whole one.

import type { DebuggedModule } from '../../runner/debuggee-messages.ts'
import { type HostModules, HostProcess } from './process.ts'

export class Hosts {
  readonly #modules: HostModules
  #spare: HostProcess | undefined

  constructor(modules: HostModules) {
    this.#modules = modules
  }

  /** Starts the next one; with the module, when that is known already. */
  warm(module?: DebuggedModule): void {
    if (!module) this.#spare = this.#fresh() ?? HostProcess.start(this.#modules)
    else void (this.#spare = this.#for(module)).load(module)
  }

  /** One for a call of the module. */
  take(module: DebuggedModule): HostProcess {
    const host = this.#for(module)
    this.#spare = undefined
    return host
  }

  /** Ends one that nobody has taken. */
  async end(): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    await spare?.end()
  }

  #fresh(): HostProcess | undefined {
    return this.#spare?.isGone ? undefined : this.#spare
  }

  #for(module: DebuggedModule): HostProcess {
    const spare = this.#fresh()
    if (spare?.isFor(module)) return spare
    void spare?.end()
    return HostProcess.start(this.#modules)
  }
}
