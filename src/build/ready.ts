// A ready .wasm: read as it is.

import { readFile } from 'node:fs/promises'
import { WasmateError, systemCode } from '../base/errors.ts'
import type { Context, Source } from '../model.ts'
import { type Compiled, type Toolchain, type ToolchainReport, extensionsOf } from './toolchain.ts'

export class Ready implements Toolchain {
  readonly language = 'wasm'
  readonly extensions = extensionsOf.wasm

  async compile({ entry }: Source, { signal }: Context): Promise<Compiled> {
    const bytes = await readFile(entry, { signal }).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
      throw new WasmateError('SOURCE_NOT_FOUND', `${entry} does not exist`, { cause: error })
    })
    return { bytes, warnings: [] }
  }

  check(): Promise<ToolchainReport> {
    return Promise.resolve({ language: this.language, found: true, detail: 'any .wasm file' })
  }
}
