// What can be asked of a running emulator: its status and the registry's list; the way up of a source, which is in
// deploying/, one name, in names.ts, receipts, in receipts/, and what an editor asks beside that, in workbench.ts.

import type { Log } from '../base/log.ts'
import type { EmulatorStatus, ListRequest } from '../client/messages.ts'
import type { ListedFunction } from '../model.ts'
import type { ControlTarget } from '../serve/control.ts'
import { elapsed } from '../steps.ts'
import type { EmulatorState } from '../workspace.ts'
import { Debugging, type DebuggingOptions } from './debugging.ts'
import { Deploying, type DeployingOptions } from './deploying/deploying.ts'
import { Names, type NamesOptions } from './names.ts'
import { Networks } from './networks.ts'
import { Replaying } from './receipts/replaying.ts'
import { Workbench } from './workbench.ts'

export interface OperationsOptions
  extends Omit<NamesOptions, 'networks'>, DeployingOptions, DebuggingOptions {
  log: Log
  requestStop: () => void
}

export class Operations implements ControlTarget {
  readonly #options: OperationsOptions
  readonly #networks: Networks
  readonly #names: Names
  readonly workbench: Workbench
  readonly #deploying: Deploying
  readonly #replaying: Replaying
  readonly #debugging: Debugging
  readonly #startedAt = performance.now()
  #urls: EmulatorState['urls'] | undefined

  constructor(options: OperationsOptions) {
    this.#options = options
    const { config, chain, log } = options
    this.#networks = new Networks({ ...config.networks, own: () => chain.registry, log: log.for('registry') })
    this.#names = new Names({ ...options, networks: this.#networks })
    this.workbench = new Workbench(options)
    this.#deploying = new Deploying(options, this.workbench)
    this.#replaying = new Replaying(options, this.#names)
    this.#debugging = new Debugging(options)
  }

  /** The addresses are known once everything listens. */
  announce(urls: EmulatorState['urls']): void {
    this.#urls = urls
  }

  async status(): Promise<EmulatorStatus> {
    const { workspace, chain, outbox, served } = this.#options
    return {
      pid: process.pid,
      folder: workspace.folder,
      urls: this.#urls ?? { rpc: '', kubo: '', gateway: '', lassie: '', functions: '', control: '' },
      ...(chain.address !== undefined && { registry: chain.address }),
      chain: chain.status,
      pending: outbox.pending.map(({ name }) => name),
      problems: served.problems(),
      serving: served.list().length,
      uptimeMs: elapsed(this.#startedAt),
    }
  }

  async list(request: ListRequest): Promise<ListedFunction[]> {
    return this.#networks.registry(request.network).list(request)
  }

  /** Ends what is being asked of networks elsewhere. */
  close(): void {
    this.#networks.close()
  }

  requestStop(): void {
    this.#options.requestStop()
  }

  isPending(name: string): boolean {
    return this.#options.outbox.pending.some((publication) => publication.name === name)
  }

  readonly verify: ControlTarget['verify'] = (...asked) => this.#names.verify(...asked)
  readonly change: ControlTarget['change'] = (...asked) => this.#names.change(...asked)
  readonly diff: ControlTarget['diff'] = (...asked) => this.#names.diff(...asked)
  readonly log: ControlTarget['log'] = (...asked) => this.#names.log(...asked)
  readonly watch: ControlTarget['watch'] = (...asked) => this.#names.watch(...asked)

  readonly deploy: ControlTarget['deploy'] = (...asked) => this.#deploying.deploy(...asked)
  readonly pin: ControlTarget['pin'] = (...asked) => this.#deploying.pin(...asked)
  readonly register: ControlTarget['register'] = (...asked) => this.#deploying.register(...asked)

  readonly build: ControlTarget['build'] = (...asked) => this.workbench.build(...asked)
  readonly debugBuild: ControlTarget['debugBuild'] = (...asked) => this.#debugging.build(...asked)
  readonly debugNext: ControlTarget['debugNext'] = (...asked) => this.#debugging.next(...asked)
  readonly debugAnswer: ControlTarget['debugAnswer'] = (answer) => this.#debugging.answer(answer)
  readonly overview: ControlTarget['overview'] = () => this.workbench.overview()
  readonly invoke: ControlTarget['invoke'] = (...asked) => this.workbench.invoke(...asked)
  readonly history: ControlTarget['history'] = (request) => this.workbench.history(request)
  readonly clear: ControlTarget['clear'] = () => this.workbench.clear()
  readonly replay: ControlTarget['replay'] = (...asked) => this.#replaying.replay(...asked)
  readonly against: ControlTarget['against'] = (...asked) => this.#replaying.against(...asked)
  readonly bisect: ControlTarget['bisect'] = (...asked) => this.#replaying.bisect(...asked)
  readonly networks: ControlTarget['networks'] = async ({ profiles }) => this.#networks.describe(profiles)
  readonly accounts: ControlTarget['accounts'] = () => this.workbench.accounts()
  readonly changes: ControlTarget['changes'] = (_request, context) => this.workbench.changes(context)
}
