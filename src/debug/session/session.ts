// A debug session: requests of the Debug Adapter Protocol in, answers and events out. Of one call in one host.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { WasmateError, describe, toWasmateError } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { Hosts } from '../host/hosts.ts'
import { Refusal } from '../refusal.ts'
import { capabilitiesOf } from './capabilities.ts'
import { Execution, type ExecutionListener } from './execution.ts'
import { Journal, type Way, ask } from './journal.ts'
import type { StopEvent } from './running.ts'
import type { DebugTarget, SessionTexts } from './target.ts'
import { walk } from './walk.ts'

/** What an editor asks for before the call goes, and waits for. */
const settings = new Set(['setBreakpoints', 'setExceptionBreakpoints', 'configurationDone'])

type Body = object | undefined
type Handler = (given: never) => Promise<Body> | Body

export interface SessionOptions {
  hosts: Hosts
  texts: SessionTexts
  /** Gives the call. Throws what a person is to be told. */
  prepare(request: DebugProtocol.Request, signal: AbortSignal): Promise<DebugTarget>
  /** What an error is in the editor's language. */
  say(error: unknown): string
  /** Whether the editor shows what preparing throws: not where whoever started the session tells of it. */
  showsFailure: boolean
  send(message: DebugProtocol.ProtocolMessage): void
}

export class DebugSession {
  readonly #options: SessionOptions
  readonly #life = new AbortController()
  readonly #journal = new Journal()
  readonly #libraries: string[] = []
  #execution: Execution | undefined
  /** Whether there is a module to set breakpoints in, once that is known. */
  #loading: Promise<boolean> = Promise.resolve(false)
  #target: DebugTarget | undefined
  /** The last one. */
  #stop: StopEvent | undefined
  /** While it goes back. */
  #walk: { done: Promise<void>; stop: AbortController } | undefined
  #sequence = 0
  #isOver = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get hostPid(): number | undefined {
    return this.#execution?.pid
  }

  /** A message of the editor; it never throws. */
  async receive(message: DebugProtocol.ProtocolMessage): Promise<void> {
    if (message.type !== 'request') return
    const request = message as DebugProtocol.Request
    const answer = { type: 'response', request_seq: request.seq, command: request.command }
    try {
      const body = await this.#handle(request)
      this.#send({ ...answer, success: true, ...(body && { body }) })
    } catch (error) {
      this.#send({ ...answer, success: false, ...this.#failure(error, request) })
      if (request.command === 'launch' || request.command === 'attach') await this.#terminate()
    }
  }

  /**
   * What an expression is refused with stands beside it: as a notification it would come at every step, and for every
   * word that the pointer rests on.
   */
  #failure(error: unknown, { command }: DebugProtocol.Request): object {
    const { say, showsFailure } = this.#options
    const isOfExpression = command === 'evaluate'
    const words = isOfExpression || error instanceof Refusal ? describe(error) : say(error)
    const format = words.replaceAll('{', '(').replaceAll('}', ')')
    const failure = { id: 1, format, showUser: showsFailure && !isOfExpression }
    return { message: toWasmateError(error).code, body: { error: failure } }
  }

  /** Ends the call, wherever it is. */
  async end(): Promise<void> {
    this.#life.abort()
    this.#stayHere()
    await this.#walk?.done
    await Promise.all([this.#execution?.end(), this.#options.hosts.end()])
  }

  async #handle(request: DebugProtocol.Request): Promise<Body> {
    const handlers: Record<string, Handler> = {
      initialize: () => capabilitiesOf(this.#options.texts),
      launch: () => this.#begin(request),
      attach: () => this.#begin(request),
      threads: () => ({ threads: [{ id: 1, name: this.#target?.name ?? '' }] }),
      stepBack: () => this.#goBack('stop'),
      reverseContinue: () => this.#goBack('mark'),
      cancel: () => this.#stayHere(),
      disconnect: () => this.#terminate(),
      terminate: () => this.#terminate(),
    }
    const handler = handlers[request.command]
    if (handler) return handler((request.arguments ?? {}) as never)
    if (this.#walk && request.command === 'pause') return this.#stayHere()
    await this.#walk?.done
    if (settings.has(request.command) && !(await this.#loading)) return { breakpoints: [] }
    return this.#ask(request)
  }

  async #ask(request: DebugProtocol.Request): Promise<Body> {
    this.#journal.note(request)
    if (!this.#execution) throw new Error('the call has not begun')
    return this.#execution.handle(request)
  }

  /** The editor sends its breakpoints while the module is built: they are set as soon as there is one. */
  async #begin(request: DebugProtocol.Request): Promise<undefined> {
    const started = this.#start(request)
    this.#loading = started.then(
      () => true,
      () => false,
    )
    this.#event('initialized')
    return started
  }

  async #start(request: DebugProtocol.Request): Promise<undefined> {
    const { prepare, hosts, texts } = this.#options
    // It starts while the module is built.
    hosts.warm()
    const target = await prepare(request, this.#life.signal)
    if (this.#life.signal.aborted) throw new WasmateError('CANCELLED')
    this.#target = target
    const execution = new Execution(hosts.take(target.module), { texts, libraries: this.#libraries })
    this.#adopt(execution)
    for (const remark of target.remarks) this.#output(`${remark}\n`, 'important')
    await execution.load(target)
    if (target.call.script) this.#event('capabilities', { capabilities: { supportsStepBack: true } })
    if ((request.arguments as { stopOnEntry?: boolean }).stopOnEntry) await this.#ask(ask('stopOnEntry'))
    return undefined
  }

  #adopt(execution: Execution): void {
    this.#execution = execution
    const listener: ExecutionListener = {
      stopped: (stop) => {
        this.#journal.stopped(stop)
        this.#stopped(stop)
      },
      output: (text, category) => this.#output(text, category),
      done: (reply) => this.#done(reply),
      ended: (error) => {
        if (error) this.#output(`${this.#options.say(error)}\n`, 'stderr')
        this.#finish()
      },
    }
    execution.listen(listener)
  }

  #stopped(stop: StopEvent): void {
    // Its process was ended while a condition was looked at: it stands nowhere.
    if (this.#life.signal.aborted) return
    this.#stop = stop
    // Whoever goes back will not wait for it.
    if (this.#target?.call.script) this.#options.hosts.warm(this.#target.module)
    this.#event('stopped', stop.body)
  }

  /** Answered at once; a stop tells where it has come to. */
  #goBack(what: 'stop' | 'mark'): undefined {
    const { texts } = this.#options
    const way = this.#target?.call.script && this.#journal.before(what)
    if (!way || this.#walk) throw new Refusal(texts.isAtBeginning)
    const stop = new AbortController()
    this.#walk = { stop, done: this.#take(way, stop.signal).finally(() => (this.#walk = undefined)) }
  }

  #stayHere(): undefined {
    this.#walk?.stop.abort()
  }

  /** What stands still now stays until the other stands where it should: where that fails, nothing is lost. */
  async #take(way: Way, signal: AbortSignal): Promise<void> {
    const { hosts, texts, say } = this.#options
    const [before, target, here] = [this.#execution, this.#target, this.#stop]
    if (!before || !target || !here) return
    const progressId = String(++this.#sequence)
    this.#event('progressStart', { progressId, title: texts.goesBack, cancellable: true })
    const begun = performance.now()
    try {
      const options = { hosts, texts, libraries: this.#libraries, signal }
      const { execution, stop } = await walk(target, way, options)
      this.#journal.rewind(way, stop)
      this.#adopt(execution)
      before.listen(undefined)
      await before.end()
      const ms = (performance.now() - begun).toFixed(0)
      this.#output(`${texts.wentBack(way.visits.length, ms)}\n`, 'console')
      this.#stopped(stop)
    } catch (error) {
      if (!signal.aborted) this.#output(`${say(error)}\n`, 'stderr')
      this.#stopped(here)
    } finally {
      this.#event('progressEnd', { progressId })
    }
  }

  #done(reply: CallReply): void {
    const { texts } = this.#options
    const { result, logs, durationMs } = reply
    for (const { level, message } of logs) this.#output(`${level}: ${message}\n`, 'console')
    if (result.ok) {
      this.#output(`${texts.answered(durationMs.toFixed(1), result.output.length)}\n`, 'console')
      this.#output(`${Buffer.from(result.output).toString()}\n`, 'stdout')
    } else this.#output(`${texts.failed(result.code, result.detail)}\n`, 'stderr')
    const judged = this.#target?.judge?.(reply)
    if (judged !== undefined) this.#output(`${judged}\n`, 'console')
    const answered = this.#target?.answered?.(reply) ?? Promise.resolve()
    void answered
      .catch((error: unknown) => this.#output(`${this.#options.say(error)}\n`, 'stderr'))
      .finally(() => void this.end())
  }

  async #terminate(): Promise<undefined> {
    await this.end()
    this.#finish()
    return undefined
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#event('terminated')
  }

  #output(output: string, category: string): void {
    this.#event('output', { output, category })
  }

  #event(event: string, body?: object): void {
    this.#send({ type: 'event', event, ...(body && { body }) })
  }

  #send(message: object): void {
    this.#options.send({ ...message, seq: ++this.#sequence } as DebugProtocol.ProtocolMessage)
  }
}
