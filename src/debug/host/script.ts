// The module as V8 knows it: under an id that is told of some time after it was compiled.

import { WasmateError } from '../../base/errors.ts'
import type { Inspected } from './messages.ts'

export class ModuleScript {
  readonly id: Promise<string>
  readonly #length: number
  #found: (id: string) => void = () => undefined
  #lost: (error: Error) => void = () => undefined

  /** `length` of the module in bytes: the kernel of the host is a module too, of another one. */
  constructor(length: number) {
    this.#length = length
    this.id = new Promise((resolve, reject) => {
      this.#found = resolve
      this.#lost = reject
    })
    this.id.catch(() => undefined)
  }

  look({ method, params }: Inspected): void {
    const isModule = method === 'Debugger.scriptParsed' && params['scriptLanguage'] === 'WebAssembly'
    if (isModule && params['endColumn'] === this.#length) this.#found(String(params['scriptId']))
  }

  fail(error: Error | undefined): void {
    this.#lost(error ?? new WasmateError('CANCELLED'))
  }
}
