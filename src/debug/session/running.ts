// The part of a session that has a module: where it stops, what is asked of it there, and how it goes on.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { setTimeout as pause } from 'node:timers/promises'
import type { Inspected } from '../host/messages.ts'
import type { HostProcess } from '../host/process.ts'
import { startOfExport } from '../info/module.ts'
import { Refusal } from '../refusal.ts'
import { Breakpoints } from './breakpoints.ts'
import { Lines } from './lines.ts'
import { type CallFrame, Machine, type PausedEvent } from './machine.ts'
import { Stepping, type StepKind } from './stepping.ts'
import { Stop } from './stop.ts'
import type { DebugTarget, SessionTexts } from './target.ts'

export interface RunningOptions {
  texts: SessionTexts
  /** Names of libraries that an editor may ask the text of, by their places. */
  libraries: string[]
}

/** A stop as an editor is told of it. */
export interface StopEvent {
  body: { reason: string } & Partial<DebugProtocol.StoppedEvent['body']>
  /** Tells it from other stops: where each frame stands. */
  place: string
}

export interface RunningListener {
  stopped(stop: StopEvent): void
  output(text: string, category: string): void
}

/** The filter of traps, which is on unless somebody takes it off. */
export const trapFilter = 'trap'

/** After which a pause is asked for again. */
const againMs = 20

const thread = { threadId: 1, allThreadsStopped: true }

export class Running {
  readonly name: string
  readonly #target: DebugTarget
  readonly #options: RunningOptions
  readonly #machine: Machine
  readonly #lines: Lines
  readonly #breakpoints: Breakpoints
  readonly #stepping: Stepping
  readonly #listener: RunningListener
  #breaksOnTrap = true
  #stop: Stop | undefined
  #exception = ''
  #calls: CallFrame[] = []
  #isPausing = false

  private constructor(
    host: HostProcess,
    scriptId: string,
    target: DebugTarget,
    options: RunningOptions,
    listener: RunningListener,
  ) {
    this.#listener = listener
    this.name = target.name
    this.#target = target
    this.#options = options
    this.#machine = new Machine(host, scriptId)
    this.#lines = new Lines(target.info)
    this.#breakpoints = new Breakpoints(this.#machine, this.#lines, options.texts)
    this.#stepping = new Stepping(this.#machine, this.#lines)
  }

  static async open(
    host: HostProcess,
    scriptId: string,
    target: DebugTarget,
    options: RunningOptions,
    listener: RunningListener,
  ): Promise<Running> {
    await host.ask('Debugger.setPauseOnExceptions', { state: 'all' })
    return new Running(host, scriptId, target, options, listener)
  }

  inspected({ method, params }: Inspected): void {
    const handled =
      method === 'Debugger.paused'
        ? this.#paused(params as unknown as PausedEvent)
        : method === 'Debugger.resumed' && this.#pauseAgain()
    // The host has gone meanwhile, which is told on its own.
    if (handled) handled.catch(() => undefined)
  }

  async handle({ command, arguments: given }: DebugProtocol.Request): Promise<object | undefined> {
    const handlers: Record<string, (asked: never) => Promise<object | undefined> | object | undefined> = {
      setBreakpoints: ({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments) =>
        this.#breakpoints.replace(source.path ?? '', breakpoints).then((set) => ({ breakpoints: set })),
      setExceptionBreakpoints: ({ filters }: DebugProtocol.SetExceptionBreakpointsArguments) => {
        this.#breaksOnTrap = filters.includes(trapFilter)
        return undefined
      },
      stopOnEntry: () => this.#stopOnEntry(),
      continue: () => this.#resume().then(() => ({ allThreadsContinued: true })),
      next: () => this.#step('over'),
      stepIn: () => this.#step('in'),
      stepOut: () => this.#step('out'),
      pause: () => this.#pause(),
      stackTrace: (asked: DebugProtocol.StackTraceArguments) => {
        const stop = this.#require()
        return { stackFrames: stop.list(asked), totalFrames: stop.frames.length }
      },
      scopes: ({ frameId }: DebugProtocol.ScopesArguments) => {
        const frame = this.#require().frame(frameId)
        return { scopes: frame ? this.#require().variables.scopes(frame) : [] }
      },
      variables: (asked: DebugProtocol.VariablesArguments) =>
        this.#require()
          .variables.read(asked)
          .then((variables) => ({ variables })),
      evaluate: (asked: DebugProtocol.EvaluateArguments) => this.#require().evaluate(asked),
      source: ({ sourceReference }: DebugProtocol.SourceArguments) => {
        const name = this.#options.libraries[sourceReference - 1] ?? ''
        return { content: this.#target.libraries[name] ?? '', mimeType: 'text/typescript' }
      },
      exceptionInfo: () => {
        return { exceptionId: this.#options.texts.trap, description: this.#exception, breakMode: 'always' }
      },
      readMemory: (asked: DebugProtocol.ReadMemoryArguments) => this.#require().readMemory(asked),
      host: () => this.#require().hostState(),
    }
    const handler = handlers[command]
    if (!handler) throw new Error(`${command} is not known here`)
    return handler((given ?? {}) as never)
  }

  #require(): Stop {
    if (!this.#stop) throw new Refusal(this.#options.texts.notStopped)
    return this.#stop
  }

  async #resume(): Promise<void> {
    this.#goesOn()
    await this.#machine.resume()
  }

  /** Where the export begins that is called. */
  async #stopOnEntry(): Promise<undefined> {
    const { module, call } = this.#target
    const start = startOfExport(module.bytes, call.export)
    const within = start === undefined ? undefined : this.#lines.functionAt(start)
    if (within) await this.#breakpoints.setEntry(within.body)
    return undefined
  }

  async #pause(): Promise<undefined> {
    if (this.#stop) return undefined
    this.#isPausing = true
    await this.#machine.pause()
    return undefined
  }

  /** V8 forgets a pause that is asked for while it stands, or does not go yet, or when the host was interrupted. */
  async #pauseAgain(): Promise<void> {
    if (!this.#isPausing) return
    await pause(againMs)
    if (this.#isPausing) await this.#machine.pause()
  }

  /** No place to stop, unless a pause is asked for. The host before and after the function is not to be seen. */
  async #pass(calls: CallFrame[]): Promise<void> {
    if (this.#isPausing && calls.length > 0) this.#tell(this.#see(calls), calls, { reason: 'pause' })
    else await this.#machine.resume()
  }

  async #step(kind: StepKind): Promise<undefined> {
    this.#require()
    const frames = this.#calls
    this.#goesOn()
    await this.#stepping.begin(kind, frames)
    return undefined
  }

  #goesOn(): void {
    this.#stop = undefined
    this.#stepping.cancel()
  }

  async #paused(event: PausedEvent): Promise<void> {
    const calls = this.#machine.framesOf(event)
    const [top] = event.callFrames
    const isInModule = top !== undefined && this.#machine.isIn(top)
    if (event.reason === 'exception' || event.reason === 'promiseRejection')
      return this.#thrown(event, calls, isInModule)
    const stop = this.#see(calls)
    const [frame] = stop.frames
    if (isInModule && frame) {
      const say = (text: string): void => this.#listener.output(text, 'console')
      const hit = await this.#breakpoints.stopsAt(frame.offset, frame, say)
      if (hit.length > 0) return this.#tell(stop, calls, { reason: 'breakpoint', hitBreakpointIds: hit })
      if (await this.#breakpoints.isEntry(frame.offset)) return this.#tell(stop, calls, { reason: 'entry' })
    }
    if (this.#stepping.isUnderWay && !this.#isPausing) {
      if (await this.#stepping.isDone(calls, isInModule)) this.#tell(stop, calls, { reason: 'step' })
      return
    }
    return this.#pass(calls)
  }

  /** A trap of the module, or an error of its host that ends the call: other things are thrown and caught in the host. */
  async #thrown({ data }: PausedEvent, calls: CallFrame[], isInModule: boolean): Promise<void> {
    const description = data?.description ?? ''
    const endsCall = isInModule || data?.className === 'WasmateError'
    if (calls.length === 0 || !endsCall || !this.#breaksOnTrap) return this.#pass(calls)
    this.#exception = await this.#sayThrown(description, calls)
    const { texts } = this.#options
    const told = isInModule ? texts.trap : texts.refused
    const body = { reason: 'exception', description: told, text: this.#exception }
    this.#tell(this.#see(calls), calls, body)
  }

  /** A language says why before it traps: that is more than what the trap itself is. */
  async #sayThrown(description: string, [top]: CallFrame[]): Promise<string> {
    const [first = ''] = description.split('\n')
    const trap = first.replace(/^\w*Error: /, '')
    const said = top && (await this.#machine.hostState(top).catch(() => undefined))?.said
    return said === undefined ? trap : `${said} (${trap})`
  }

  #see(calls: CallFrame[]): Stop {
    return new Stop(calls, {
      machine: this.#machine,
      lines: this.#lines,
      texts: this.#options.texts,
      referToLibrary: (source) => {
        const { libraries } = this.#options
        const known = libraries.indexOf(source)
        return known < 0 ? libraries.push(source) : known + 1
      },
    })
  }

  #tell(stop: Stop, calls: CallFrame[], body: StopEvent['body']): void {
    this.#stepping.cancel()
    this.#isPausing = false
    this.#stop = stop
    this.#calls = calls
    this.#listener.stopped({ body: { ...thread, ...body }, place: stop.place })
  }
}
