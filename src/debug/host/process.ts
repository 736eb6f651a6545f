// The debug host seen from outside: started, asked by the inspector's protocol, and gone as a whole when it is ended.

import type { ChildProcess } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { startPartner } from '../../base/child-process.ts'
import { WasmateError, fromProblem } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { DebuggedCall, DebuggedModule } from '../../runner/debuggee-messages.ts'
import type { FromHost, Inspected, ToHost } from './messages.ts'
import { ModuleScript } from './script.ts'

/** Where the host's own modules are; `.ts` is run by tsx. */
export interface HostModules {
  host: URL
  debuggee: URL
}

export interface HostEvents {
  inspected(event: Inspected): void
  done(reply: CallReply): void
  /** Once, when it is gone; with what it died of, if nobody had ended it. */
  ended(error: WasmateError | undefined): void
}

export class HostProcess {
  readonly #child: ChildProcess
  readonly #modules: HostModules
  #events: HostEvents | undefined
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  readonly #gone: Promise<void>
  #asked = 0
  #isEnding = false
  #isGone = false
  #failure: WasmateError | undefined
  #compiled: ((error?: WasmateError) => void) | undefined
  #script: ModuleScript | undefined
  #loaded: { module: DebuggedModule; script: Promise<string> } | undefined

  private constructor(modules: HostModules) {
    this.#modules = modules
    this.#child = startPartner(modules.host)
    this.#child.on('message', (message: FromHost) => this.#receive(message))
    this.#child.on('error', (error) => (this.#failure ??= new WasmateError('INTERNAL', error.message)))
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#isGone = true
        this.#settle(new WasmateError('INTERNAL', `the debug host ended (${signal ?? code})`))
        resolve()
      })
    })
  }

  static start(modules: HostModules): HostProcess {
    return new HostProcess(modules)
  }

  listen(events: HostEvents): void {
    this.#events = events
  }

  /** Whatever it died of. */
  get isGone(): boolean {
    return this.#isGone
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it has this module or none. */
  isFor(module: DebuggedModule): boolean {
    if (!this.#loaded) return true
    const { bytes, settings } = this.#loaded.module
    return Buffer.compare(bytes, module.bytes) === 0 && isDeepStrictEqual(settings, module.settings)
  }

  /** Compiles the module that it is for, once; gives its id in V8. Throws what the module is refused with. */
  load(module: DebuggedModule): Promise<string> {
    if (!this.#loaded) {
      this.#loaded = { module, script: this.#compile(module) }
      this.#loaded.script.catch(() => undefined)
    }
    return this.#loaded.script
  }

  run(call: DebuggedCall): void {
    this.#tell({ kind: 'run', call })
  }

  /** Throws what the inspector refuses with, and when the host is gone. */
  ask<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    const id = ++this.#asked
    return new Promise<T>((resolve, reject) => {
      if (this.#isEnding) return reject(new WasmateError('CANCELLED'))
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject })
      this.#tell({ kind: 'ask', id, method, params })
    })
  }

  /** Resolves when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  async #compile(module: DebuggedModule): Promise<string> {
    const script = new ModuleScript(module.bytes.length)
    this.#script = script
    const compiled = new Promise<void>((resolve, reject) => {
      this.#compiled = (error) => (error ? reject(error) : resolve())
    })
    this.#tell({ kind: 'load', debuggee: this.#modules.debuggee.href, module })
    await compiled
    return script.id
  }

  #tell(message: ToHost): void {
    // When it is gone the exit says so.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  #receive(message: FromHost): void {
    if (message.kind === 'event') {
      this.#script?.look(message)
      return this.#events?.inspected(message)
    }
    if (message.kind === 'done') return this.#events?.done(message.reply)
    if (message.kind === 'compiled') return this.#compiled?.()
    if (message.kind === 'failed') {
      this.#failure = fromProblem(message.problem)
      this.#compiled?.(this.#failure)
      return void this.#child.kill('SIGKILL')
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.error === undefined) waiting?.resolve(message.result)
    else waiting?.reject(new Error(message.error))
  }

  #settle(otherwise: WasmateError): void {
    const error = this.#isEnding ? undefined : (this.#failure ?? otherwise)
    this.#compiled?.(error ?? new WasmateError('CANCELLED'))
    this.#script?.fail(error)
    for (const { reject } of this.#waiting.values()) reject(error ?? new WasmateError('CANCELLED'))
    this.#waiting.clear()
    this.#events?.ended(error)
  }
}
