// A debug session: requests of the Debug Adapter Protocol in, answers and events out. Of one call in one host.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import { HostProcess, type HostModules } from '../host/process.ts'
import type { Inspected } from '../host/messages.ts'
import { Running } from './running.ts'
import type { DebugTarget, SessionTexts } from './target.ts'

type Body = object | undefined
type Handler = (given: never) => Promise<Body> | Body

export interface SessionOptions {
  modules: HostModules
  texts: SessionTexts
  /** Gives the call. Throws what a person is to be told. */
  prepare(request: DebugProtocol.Request, signal: AbortSignal): Promise<DebugTarget>
  /** What an error is in the editor's language. */
  say(error: unknown): string
  /** Whether the editor shows what preparing throws: not where whoever started the session tells of it. */
  showsFailure: boolean
  send(message: DebugProtocol.ProtocolMessage): void
}

/** The filter of traps, which is on unless somebody takes it off. */
const trapFilter = 'trap'

export class DebugSession {
  readonly #options: SessionOptions
  readonly #life = new AbortController()
  #host: HostProcess | undefined
  #running: Running | undefined
  #target: DebugTarget | undefined
  #sequence = 0
  #breaksOnTrap = true
  #isOver = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get hostPid(): number | undefined {
    return this.#host?.pid
  }

  /** A message of the editor; it never throws. */
  async receive(message: DebugProtocol.ProtocolMessage): Promise<void> {
    if (message.type !== 'request') return
    const request = message as DebugProtocol.Request
    const answer = { type: 'response', request_seq: request.seq, command: request.command }
    try {
      const body = await this.#handle(request)
      this.#send({ ...answer, success: true, ...(body && { body }) })
      if (request.command === 'launch' || request.command === 'attach') this.#event('initialized')
    } catch (error) {
      const format = this.#options.say(error).replaceAll('{', '(').replaceAll('}', ')')
      const failure = { id: 1, format, showUser: this.#options.showsFailure }
      this.#send({ ...answer, success: false, message: toWasmateError(error).code, body: { error: failure } })
      if (request.command === 'launch' || request.command === 'attach') await this.#terminate()
    }
  }

  /** Ends the call, wherever it is. */
  async end(): Promise<void> {
    this.#life.abort()
    await this.#host?.end()
  }

  async #handle(request: DebugProtocol.Request): Promise<Body> {
    const handlers: Record<string, Handler> = {
      initialize: () => this.#capabilities(),
      launch: () => this.#start(request),
      attach: () => this.#start(request),
      configurationDone: () => this.#run(),
      setExceptionBreakpoints: ({ filters }: DebugProtocol.SetExceptionBreakpointsArguments) => {
        this.#breaksOnTrap = filters.includes(trapFilter)
        return undefined
      },
      threads: () => ({ threads: [{ id: 1, name: this.#running?.name ?? '' }] }),
      disconnect: () => this.#terminate(),
      terminate: () => this.#terminate(),
    }
    const handler = handlers[request.command]
    if (handler) return handler((request.arguments ?? {}) as never)
    return this.#require().handle(request)
  }

  #require(): Running {
    if (!this.#running) throw new Error('the call has not begun')
    return this.#running
  }

  #capabilities(): DebugProtocol.Capabilities {
    const { texts } = this.#options
    return {
      supportsConfigurationDoneRequest: true,
      supportsConditionalBreakpoints: true,
      supportsHitConditionalBreakpoints: true,
      supportsLogPoints: true,
      supportsEvaluateForHovers: true,
      supportsExceptionInfoRequest: true,
      supportsReadMemoryRequest: true,
      supportsTerminateRequest: true,
      exceptionBreakpointFilters: [
        { filter: trapFilter, label: texts.trapFilter, description: texts.trapDescription, default: true },
      ],
    }
  }

  async #start(request: DebugProtocol.Request): Promise<undefined> {
    const { prepare, modules, texts } = this.#options
    const script = new ModuleScript()
    // It starts while the module is built.
    const host = new HostProcess(modules, {
      inspected: (event) => (this.#running ? this.#running.inspected(event) : script.look(event)),
      done: (reply) => this.#done(reply),
      ended: (error) => {
        script.fail(error)
        if (error) this.#output(`${this.#options.say(error)}\n`, 'stderr')
        this.#finish()
      },
    })
    this.#host = host
    const target = await prepare(request, this.#life.signal)
    this.#target = target
    script.expect(target.call.bytes.length)
    for (const remark of target.remarks) this.#output(`${remark}\n`, 'important')
    await host.load(target.call, target.settings)
    this.#running = await Running.open(host, await script.id, target, {
      texts,
      breaksOnTrap: () => this.#breaksOnTrap,
      event: (name, body) => this.#event(name, body),
      output: (text, category) => this.#output(text, category),
    })
    return undefined
  }

  #run(): undefined {
    this.#host?.run()
    return undefined
  }

  #done(reply: CallReply): void {
    const { texts } = this.#options
    const { result, logs, durationMs } = reply
    for (const { level, message } of logs) this.#output(`${level}: ${message}\n`, 'console')
    if (result.ok) {
      this.#output(`${texts.answered(durationMs.toFixed(1), result.output.length)}\n`, 'console')
      this.#output(`${Buffer.from(result.output).toString()}\n`, 'stdout')
    } else this.#output(`${texts.failed(result.code, result.detail)}\n`, 'stderr')
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

/** The module as V8 knows it: told of some time after it was compiled. */
class ModuleScript {
  readonly id: Promise<string>
  #length = 0
  #found: (id: string) => void = () => undefined
  #lost: (error: Error) => void = () => undefined

  constructor() {
    this.id = new Promise((resolve, reject) => {
      this.#found = resolve
      this.#lost = reject
    })
    this.id.catch(() => undefined)
  }

  expect(length: number): void {
    this.#length = length
  }

  look({ method, params }: Inspected): void {
    const isModule = method === 'Debugger.scriptParsed' && params['scriptLanguage'] === 'WebAssembly'
    // The kernel of the host is a module too, of another length.
    if (isModule && params['endColumn'] === this.#length) this.#found(String(params['scriptId']))
  }

  fail(error: Error | undefined): void {
    this.#lost(error ?? new WasmateError('CANCELLED'))
  }
}
