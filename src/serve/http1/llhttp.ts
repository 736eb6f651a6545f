// llhttp, compiled to WebAssembly: bytes in, positions of what they mean out. llhttp.LICENSE.txt says whence.

import { readFileSync } from 'node:fs'

/** Told while a request is parsed. Positions are those in the chunk; what is not 0 ends the parsing. */
export interface ParserSink {
  onBegin(): void
  onTarget(at: number, length: number): number
  onName(at: number, length: number): number
  onValue(at: number, length: number): number
  onHeaders(keepAlive: boolean): number
  onBody(at: number, length: number): number
  onComplete(): void
}

interface Exports {
  memory: WebAssembly.Memory
  _initialize(): void
  malloc(bytes: number): number
  llhttp_alloc(type: number): number
  llhttp_free(parser: number): void
  llhttp_execute(parser: number, at: number, length: number): number
  llhttp_resume(parser: number): void
  llhttp_resume_after_upgrade(parser: number): void
  llhttp_get_error_pos(parser: number): number
  llhttp_get_error_reason(parser: number): number
  llhttp_get_method(parser: number): number
  llhttp_get_http_major(parser: number): number
  llhttp_get_http_minor(parser: number): number
  llhttp_method_name(method: number): number
}

/** llhttp_errno_t, as far as it matters here. */
export const outcome = {
  ok: 0,
  invalidMethod: 6,
  invalidConstant: 8,
  invalidVersion: 9,
  paused: 21,
  upgrade: 22,
  http2: 23,
  refused: 24,
} as const

const requests = 1
const methodCount = 47
const inputBytes = 65_536

export class Llhttp {
  readonly #wasm: Exports
  readonly #input: number
  readonly #methods: string[]
  #memory: Buffer
  /** Set while parsing, which is synchronous. */
  #sink: ParserSink | undefined
  /** The chunk of which the bytes between `from` and `to` lie in the input buffer. */
  #loaded: Buffer | undefined
  #from = 0
  #to = 0

  constructor(module: WebAssembly.Module) {
    this.#wasm = new WebAssembly.Instance(module, { env: this.#imports() }).exports as unknown as Exports
    this.#wasm._initialize()
    this.#input = this.#wasm.malloc(inputBytes)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
    this.#methods = Array.from({ length: methodCount }, (_, index) =>
      this.#text(this.#wasm.llhttp_method_name(index)),
    )
  }

  #imports(): WebAssembly.ModuleImports {
    const at = (address: number): number => address - this.#input + this.#from
    return {
      wasm_on_message_begin: () => this.#sink?.onBegin() ?? 0,
      wasm_on_url: (_: number, address: number, length: number) =>
        this.#sink?.onTarget(at(address), length) ?? 0,
      wasm_on_status: () => 0,
      wasm_on_header_field: (_: number, address: number, length: number) =>
        this.#sink?.onName(at(address), length) ?? 0,
      wasm_on_header_value: (_: number, address: number, length: number) =>
        this.#sink?.onValue(at(address), length) ?? 0,
      wasm_on_headers_complete: (_: number, _status: number, _upgrade: number, keepAlive: number) =>
        this.#sink?.onHeaders(keepAlive !== 0) ?? 0,
      wasm_on_body: (_: number, address: number, length: number) =>
        this.#sink?.onBody(at(address), length) ?? 0,
      // Paused after each request: what follows is parsed when it is its turn.
      wasm_on_message_complete: () => {
        this.#sink?.onComplete()
        return outcome.paused
      },
    }
  }

  /** A parser of one connection; `free` it. */
  create(): number {
    return this.#wasm.llhttp_alloc(requests)
  }

  free(parser: number): void {
    this.#wasm.llhttp_free(parser)
  }

  /** Parses from `at`, some 64 KiB at most; `position` then says how far it came. */
  execute(parser: number, sink: ParserSink, chunk: Buffer, at: number): number {
    if (this.#loaded !== chunk || at < this.#from || at >= this.#to) this.#load(chunk, at)
    this.#sink = sink
    const code = this.#wasm.llhttp_execute(parser, this.#input + at - this.#from, this.#to - at)
    this.#sink = undefined
    return code
  }

  #load(chunk: Buffer, at: number): void {
    // Memory that grows leaves an empty buffer behind.
    if (this.#memory.length === 0) this.#memory = Buffer.from(this.#wasm.memory.buffer)
    this.#from = at
    this.#to = Math.min(chunk.length, at + inputBytes)
    const isWhole = at === 0 && this.#to === chunk.length
    this.#memory.set(isWhole ? chunk : chunk.subarray(at, this.#to), this.#input)
    this.#loaded = chunk
  }

  /** Where in the chunk `execute` stopped; goes on behind a pause. */
  position(parser: number, code: number): number {
    if (code === outcome.ok) return this.#to
    const position = this.#wasm.llhttp_get_error_pos(parser) - this.#input + this.#from
    if (code === outcome.paused) this.#wasm.llhttp_resume(parser)
    else if (code === outcome.upgrade) this.#wasm.llhttp_resume_after_upgrade(parser)
    return position
  }

  /** Lets go of a chunk that has been parsed. */
  release(): void {
    this.#loaded = undefined
  }

  reason(parser: number): string {
    return this.#text(this.#wasm.llhttp_get_error_reason(parser))
  }

  method(parser: number): string {
    return this.#methods[this.#wasm.llhttp_get_method(parser)] ?? ''
  }

  major(parser: number): number {
    return this.#wasm.llhttp_get_http_major(parser)
  }

  minor(parser: number): number {
    return this.#wasm.llhttp_get_http_minor(parser)
  }

  #text(address: number): string {
    if (address === 0) return ''
    const memory = Buffer.from(this.#wasm.memory.buffer)
    return memory.toString('latin1', address, memory.indexOf(0, address))
  }
}

export function loadLlhttp(): Llhttp {
  return new Llhttp(new WebAssembly.Module(readFileSync(new URL('llhttp.wasm', import.meta.url))))
}
