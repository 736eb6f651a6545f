// The seam that a language comes through: a source on disk in, wasm bytes or diagnostics out.

import { type Diagnostic, WasmateError } from '../base/errors.ts'
import type { DebugSymbols } from '../debug-info.ts'
import type { Context, Source } from '../model.ts'
import type { CoveredPlace } from './assemblyscript/coverage.ts'

export interface Toolchain {
  readonly language: Language
  readonly extensions: readonly string[]
  /** Throws BuildError, TOOLCHAIN_MISSING or CANCELLED. The caller looks at the bytes. */
  compile(source: Source, context: Context, purpose?: Purpose): Promise<Compiled>
  /** The same, and tells what of it has run; absent where a language gives no such thing. */
  compileCovered?(source: Source, context: Context): Promise<Covered>
  /** Whether it can be used here; never throws. */
  check(): Promise<ToolchainReport>
  start?(): Promise<void>
  stop?(): Promise<void>
}

/**
 * `debug`: what runs under a debugger, and is never published. `lines`: the same code as is published, with what says
 * which of it is which line.
 */
export type Purpose = 'publish' | 'debug' | 'lines'

export interface Compiled {
  bytes: Uint8Array
  /** `assemblyscript 0.28.20`; absent when nothing was compiled. */
  toolchain?: string
  /** What the compiler remarked on although it compiled. */
  warnings: Diagnostic[]
  /** Of a module with lines, where they are not in the bytes themselves. */
  symbols?: DebugSymbols | undefined
}

/** A module that calls the host function of `coverageImport` with the number of each place that it comes to. */
export interface Covered extends Compiled {
  places: CoveredPlace[]
}

export interface ToolchainReport {
  language: Language
  found: boolean
  /** Of what would be used, as `Compiled` tells it. */
  version?: string
  /** What would be used: `clang 14.0.6 (/usr/bin/clang)`; else what was sought and how to get it. */
  detail: string
}

/** What a file's extension means. A new language is a row here, and a toolchain in build.ts. */
export const extensionsOf = {
  assemblyscript: ['.ts'],
  c: ['.c'],
  wasm: ['.wasm'],
} as const

export type Language = keyof typeof extensionsOf

export const languages = Object.keys(extensionsOf) as Language[]

/** The languages that are compiled, and so can be begun from a template. */
export const compiledLanguages = languages.filter((language) => language !== 'wasm')

/** What a new function does; each of them in each of these languages. */
export const templates = ['hello', 'counter'] as const
export type Template = (typeof templates)[number]

/** BUILD_FAILED with the places; the detail has them as `file:line:column: message` lines. */
export class BuildError extends WasmateError {
  constructor(diagnostics: Diagnostic[], detail = formatDiagnostics(diagnostics), options?: ErrorOptions) {
    super('BUILD_FAILED', detail, { ...options, diagnostics })
  }
}

export function formatDiagnostics(diagnostics: Diagnostic[]): string {
  return diagnostics
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
    .join('\n')
}
