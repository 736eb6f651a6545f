// Hosts for calls, of which one may be started before it is needed: that takes a tenth of a second to a whole one.

import { type HostModules, HostProcess } from './process.ts'

export class Hosts {
  readonly #modules: HostModules
  #spare: HostProcess | undefined

  constructor(modules: HostModules) {
    this.#modules = modules
  }

  /** Starts the next one. */
  warm(): void {
    if (!this.#spare || this.#spare.isGone) this.#spare = HostProcess.start(this.#modules)
  }

  take(): HostProcess {
    const spare = this.#spare
    this.#spare = undefined
    return spare && !spare.isGone ? spare : HostProcess.start(this.#modules)
  }

  /** Ends one that nobody has taken. */
  async end(): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    await spare?.end()
  }
}
