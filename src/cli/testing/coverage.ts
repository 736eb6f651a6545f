// What of a function its cases have run: `wasmate test --coverage`.

import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Builder } from '../../build/build.ts'
import type { CoveredPlace } from '../../build/assemblyscript/coverage.ts'
import type { CoverageEvent } from '../../client/cases.ts'
import type { Context, Source, WasmModule } from '../../model.ts'

/** From the moment it is opened; modules are compiled, and their cases run, one function after the other. */
export class Coverage {
  /** Host functions that the runner has to load. */
  readonly hostFunctions: string
  readonly #folder: string
  #places: CoveredPlace[] | undefined

  private constructor(folder: string) {
    this.#folder = folder
    this.hostFunctions = join(folder, 'host.mjs')
  }

  /** `host` is the module that makes host functions of a file; `others` are those of the settings. */
  static async open(host: URL, others: string | undefined): Promise<Coverage> {
    const coverage = new Coverage(await mkdtemp(join(tmpdir(), 'wasmate-coverage-')))
    await writeFile(coverage.#path, '')
    const told = [coverage.#path, others ?? null].map((each) => JSON.stringify(each)).join(', ')
    const lines = [
      `import { openCoverage } from ${JSON.stringify(host.href)}`,
      `export const functions = await openCoverage(${told})`,
    ]
    await writeFile(coverage.hostFunctions, `${lines.join('\n')}\n`)
    return coverage
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }

  get #path(): string {
    return join(this.#folder, 'places')
  }

  /** As it is where its language gives no coverage. */
  async compile(builder: Builder, source: Source, context: Context): Promise<WasmModule> {
    this.#places = undefined
    await truncate(this.#path)
    const covered = await builder.compileCovered(source, context)
    this.#places = covered?.places
    return covered?.module ?? builder.compile(source, context)
  }

  /** Of what was compiled last; without `places` where its language gives none. */
  async take(path: string, { name, folder }: Source): Promise<CoverageEvent> {
    const text = await readFile(this.#path, 'utf8')
    const reached = new Set(text.split('\n').filter(Boolean).map(Number))
    const places = this.#places?.map(({ file, ...place }, index) => ({
      ...place,
      file: join(folder, file),
      reached: reached.has(index),
    }))
    return { event: 'coverage', path, function: name, ...(places && { places }) }
  }
}

/** `7 of 9 statements (78 %), 2 of 2 functions`, and the lines of what was not reached, by file. */
export function describeCoverage({ function: name, places }: CoverageEvent): string {
  if (!places) return `cover ${name}: its language gives no coverage`
  const statements = places.filter((place) => place.name === undefined)
  const functions = places.filter((place) => place.name !== undefined)
  const percent = statements.length === 0 ? 100 : (100 * countReached(statements)) / statements.length
  const counts = [
    `${countReached(statements)} of ${statements.length} statements (${Math.floor(percent)} %)`,
    `${countReached(functions)} of ${functions.length} functions`,
  ]
  const missed = new Map<string, Set<number>>()
  for (const { file, line, reached } of statements) {
    if (!reached) missed.set(file, (missed.get(file) ?? new Set()).add(line))
  }
  const lines = [...missed].map(([file, numbers]) => `      ${file}: ${[...numbers].join(', ')} never ran`)
  return [`cover ${name}: ${counts.join(', ')}`, ...lines].join('\n')
}

function countReached(places: readonly { reached: boolean }[]): number {
  return places.filter(({ reached }) => reached).length
}
