// The emulator of one folder as this window sees it: found or started when it is needed, listened to while it runs.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Disposable, type Event, EventEmitter, type WorkspaceFolder, l10n, workspace } from 'vscode'
import { type Problem, WasmateError, toProblem, toWasmateError } from '../../base/errors.ts'
import { orAborted } from '../../base/pause.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Change, EmulatorStatus } from '../../client/messages.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { Workspace } from '../../workspace.ts'
import { runVisibly } from '../progress.ts'
import { type StartOptions, toArguments } from './arguments.ts'
import { loadClient } from './client.ts'
import { next } from './next.ts'

export type LinkState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed'

/** What is to be asked for again; `state` is that of the link. */
export type LinkChange = 'state' | 'status' | 'functions' | 'registry'

export interface LinkOptions {
  folder: WorkspaceFolder
  /** File of the command line. */
  entry: string
  /** Settings as the command line takes them, each `area.name=value`. */
  readSettings: (folder: WorkspaceFolder) => string[]
}

/** All of it throws WORKSPACE_UNTRUSTED in a folder that is not trusted: what that holds must not lead anywhere. */
export class EmulatorLink implements Disposable {
  readonly folder: WorkspaceFolder
  readonly #options: LinkOptions
  readonly #changed = new EventEmitter<LinkChange>()
  readonly #invoked = new EventEmitter<InvocationRecord>()
  readonly #killed = new EventEmitter<void>()
  readonly onDidChange: Event<LinkChange> = this.#changed.event
  readonly onDidInvoke: Event<InvocationRecord> = this.#invoked.event
  /** It ended, and nobody had asked it to. */
  readonly onDidDie: Event<void> = this.#killed.event
  readonly #closing = new AbortController()
  #state: LinkState = 'stopped'
  #status: EmulatorStatus | undefined
  #problem: Problem | undefined
  #client: ControlClient | undefined
  #connecting: Promise<ControlClient> | undefined
  #starting: AbortController | undefined
  #looking: Promise<void> | undefined
  #listening: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: LinkOptions) {
    this.folder = options.folder
    this.#options = options
  }

  get state(): LinkState {
    return this.#state
  }

  /** As last told, while it runs. */
  get status(): EmulatorStatus | undefined {
    return this.#status
  }

  /** Why it failed. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** While it runs. */
  get client(): ControlClient | undefined {
    return this.#client
  }

  /** Attaches, or starts it, and shows that. The signal ends the waiting of who gave it, not the start. */
  async require(signal?: AbortSignal): Promise<ControlClient> {
    this.#checkTrust()
    if (this.#client && this.#state === 'running') return this.#client
    return orAborted(this.#connect({}), signal)
  }

  /** Nothing to do when it runs; a reset or a restore stops it first. */
  async start(options: StartOptions = {}): Promise<void> {
    this.#checkTrust()
    if (options.reset || options.restore !== undefined) await this.stop()
    if (this.#state !== 'running') await this.#connect(options)
  }

  /** Resolves when its process has ended; nothing running is what was wanted. A start under way is given up. */
  async stop(): Promise<void> {
    this.#checkTrust()
    this.#starting?.abort()
    this.#stopping ??= this.#stop().finally(() => (this.#stopping = undefined))
    await this.#stopping
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Attaches to one that runs or is being started; starts none. What it finds is told by the state. */
  async look(): Promise<void> {
    if (!workspace.isTrusted || this.#client || this.#connecting) return
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    await this.#looking
  }

  /** An emulator that only this window holds ends by itself soon after. */
  dispose(): void {
    this.#closing.abort()
    this.#starting?.abort()
    for (const emitter of [this.#changed, this.#invoked, this.#killed]) emitter.dispose()
  }

  #checkTrust(): void {
    if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED', this.folder.name)
  }

  #connect(options: StartOptions): Promise<ControlClient> {
    this.#connecting ??= this.#begin(options).finally(() => (this.#connecting = undefined))
    return this.#connecting
  }

  async #begin(options: StartOptions): Promise<ControlClient> {
    const stopper = new AbortController()
    this.#starting = stopper
    await this.#leaveStopping(stopper.signal)
    if (this.#client && this.#state === 'running') return this.#client
    this.#enter('starting')
    try {
      const { findOrStart } = await loadClient()
      const launch = {
        entry: this.#options.entry,
        args: toArguments(this.folder.uri.fsPath, this.#options.readSettings(this.folder), options),
      }
      const title = l10n.t('Starting the emulator of {0}', this.folder.name)
      return await runVisibly(title, async (cancelled) => {
        const { signal } = stopper
        cancelled.addEventListener('abort', () => stopper.abort(), { once: true })
        const client = await findOrStart(await this.#paths(), launch, signal)
        return this.#follow(client, await client.status(signal))
      })
    } catch (error) {
      const isCancelled = toWasmateError(error).code === 'CANCELLED'
      if (this.#client) this.#enter('running')
      else this.#enter(isCancelled ? 'stopped' : 'failed', isCancelled ? undefined : toProblem(error))
      throw toWasmateError(error)
    }
  }

  /** What is on its way out can't be used any more; one that was only silent for a while can. */
  async #leaveStopping(signal: AbortSignal): Promise<void> {
    await orAborted(this.#stopping?.catch(() => undefined) ?? Promise.resolve(), signal)
    while (this.#state === 'stopping') await next(this.onDidChange, signal)
  }

  async #stop(): Promise<void> {
    await this.#connecting?.catch(() => undefined)
    const { stopEmulator } = await loadClient()
    const before = this.#state
    if (this.#client) this.#enter('stopping')
    try {
      const title = l10n.t('Stopping the emulator of {0}', this.folder.name)
      const paths = await this.#paths()
      await runVisibly(title, (signal) => stopEmulator(paths, signal))
      await this.#listening
      // Unless somebody has started the next one meanwhile.
      if (!this.#client) this.#enter('stopped')
    } catch (error) {
      if (this.#client) this.#enter(before)
      throw error
    }
  }

  async #look(): Promise<void> {
    // Cheaper than to load what could find one.
    if (!existsSync(join(this.folder.uri.fsPath, '.wasmate/emulator.lock'))) return
    const isFree = (): boolean => !this.#client && !this.#connecting
    try {
      const { findRunning } = await loadClient()
      const { signal } = this.#closing
      const client = await findRunning(await this.#paths(), signal, () => isFree() && this.#enter('starting'))
      this.#follow(client, await client.status(signal))
    } catch (error) {
      const { code } = toWasmateError(error)
      if (!isFree()) return
      if (code !== 'EMULATOR_NOT_RUNNING' && code !== 'CANCELLED') this.#enter('failed', toProblem(error))
      else if (this.#state === 'starting') this.#enter('stopped')
    }
  }

  #follow(client: ControlClient, status: EmulatorStatus): ControlClient {
    if (this.#client?.state.pid === client.state.pid) {
      this.#enter('running')
      return this.#client
    }
    this.#client = client
    this.#status = status
    this.#listening = this.#listen(client).catch(() => undefined)
    this.#enter('running')
    return client
  }

  async #listen(client: ControlClient): Promise<void> {
    const { listen } = await loadClient()
    const listener = {
      onChange: (change: Change) => this.#hear(change),
      onStatus: (status: EmulatorStatus) => {
        if (!this.#client) return
        this.#status = status
        this.#changed.fire('status')
      },
      onStopping: () => this.#enter('stopping'),
      onReturn: (again: ControlClient) => {
        this.#client = again
        this.#enter('running')
      },
    }
    this.#lose(await listen(client, await this.#paths(), listener, this.#closing.signal))
  }

  #lose(how: 'stopped' | 'killed'): void {
    this.#client = undefined
    this.#status = undefined
    this.#enter('stopped')
    if (how === 'killed' && !this.#stopping) this.#killed.fire()
    // Somebody else may have started the next one.
    void this.look()
  }

  #hear(change: Change): void {
    if (change.kind === 'invocation') this.#invoked.fire(change.record)
    else if (change.kind !== 'status') this.#changed.fire(change.kind)
  }

  #enter(state: LinkState, problem?: Problem): void {
    if (this.#closing.signal.aborted || (this.#state === state && !problem)) return
    this.#state = state
    this.#problem = problem
    this.#changed.fire('state')
  }

  async #paths(): Promise<Workspace> {
    const { workspaceAt } = await loadClient()
    return workspaceAt(this.folder.uri.fsPath)
  }
}
