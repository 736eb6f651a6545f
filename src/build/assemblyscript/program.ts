// One compilation of AssemblyScript: a folder and its entry in, bytes or diagnostics out. Runs in the worker.
// Most of a compilation is reading the same standard library again: parsed libraries are kept between them.

import * as asc from 'assemblyscript'
import { libraryFiles, version } from 'assemblyscript/asc'
import { readFileSync } from 'node:fs'
import { dirname, join, parse as parsePath } from 'node:path'
import { type Diagnostic, systemCode } from '../../base/errors.ts'
import { type CoveredPlace, addCoverage, coverageAlias, writeCoverageLibrary } from './coverage.ts'
import type { DebugSymbols } from '../../debug-info.ts'
import { DeclaringCompiler } from './declared.ts'
import { type Emitted, emitForDebugger, emitOptimized, emitWithLines } from './emit.ts'

export interface CompileRequest {
  /** Absolute path; imports and the paths that get into the module are relative to it. */
  folder: string
  /** Relative to the folder, with slashes. */
  entry: string
  /** Whether imports lead nowhere but into the folder and `packageFolders`. */
  confined: boolean
  /** Folders of packages (`node_modules`) that are looked into after those of the function itself. */
  packageFolders: string[]
  /** Folder of the library files that stand beside or in the place of the standard ones. */
  runtimeFolder: string
  /** Whether it tells what of it has run. */
  covered?: boolean
  /** For a debugger: nothing is optimised, and the symbols are told. */
  debug?: boolean
  /** As it is published, with the symbols that say which code is which line. */
  lines?: boolean
}

export interface CompileResult {
  /** Absent when a diagnostic is an error. */
  bytes: Uint8Array | undefined
  diagnostics: Diagnostic[]
  version: string
  /** By the numbers that a covered module tells. */
  places?: CoveredPlace[]
  symbols?: DebugSymbols
}

type Dependee = asc.Parser['dependees'] extends Map<string, infer T> ? T : never

interface ParsedLibrary {
  text: string
  source: asc.Source
  /** What it imports, by internal path, in order. */
  imports: [path: string, dependee: Dependee][]
}

interface Compilation {
  request: CompileRequest
  program: asc.Program
  /** Folder that a package's file was read from, by internal path without extension. */
  readFrom: Map<string, string>
  diagnostics: Diagnostic[]
}

const lib = '~lib/'
const runtimeFiles = ['wasmate', 'bindings/dom']
const parsedLibraries = new Map<string, ParsedLibrary>()

/** Throws only when the compiler itself fails; the thread is then not to be used again. */
export function compile(request: CompileRequest): CompileResult {
  const program = asc.newProgram(createOptions(request))
  const compilation: Compilation = { request, program, readFrom: new Map(), diagnostics: [] }
  parseAll(compilation)
  const isParsed = !takeDiagnostics(compilation)
  const places = request.covered && isParsed ? cover(program) : undefined
  const emitted = isParsed ? emit(compilation) : undefined
  if (!emitted) program.module.dispose()
  const { diagnostics } = compilation
  return { bytes: undefined, ...emitted, diagnostics, version, ...(places && { places }) }
}

/** Of its own sources: the libraries are shared with other compilations, and others have tested them. */
function cover(program: asc.Program): CoveredPlace[] {
  const places = addCoverage(
    program.parser.sources.filter(({ normalizedPath }) => !normalizedPath.startsWith(lib)),
  )
  const { path } = coverageAlias
  const file = `${lib}${path.slice(0, path.lastIndexOf('/'))}.ts`
  asc.parse(program, writeCoverageLibrary(places.length), file, false)
  return places
}

function createOptions({ covered = false, debug = false, lines = false }: CompileRequest): asc.Options {
  const options = asc.newOptions()
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => parseInt(part, 10))
  asc.setBundleVersion(options, major, minor, patch)
  // An instance answers many calls, so memory has to be given back: the incremental collector.
  asc.setRuntime(options, 2)
  asc.setStackSize(options, asc.DEFAULT_STACK_SIZE)
  asc.setExportMemory(options, true)
  asc.setOptimizeLevelHints(options, debug ? 0 : 3, 0)
  asc.setDebugInfo(options, debug)
  asc.setSourceMap(options, debug || lines)
  for (const name of ['abort', 'trace', 'seed']) asc.addGlobalAlias(options, name, `${lib}wasmate/${name}`)
  if (covered) asc.addGlobalAlias(options, coverageAlias.name, `${lib}${coverageAlias.path}`)
  return options
}

/** The order is that of the asc command: standard library, collector, entry, then what they import. */
function parseAll(compilation: Compilation): void {
  const { program, request } = compilation
  for (const name of Object.keys(libraryFiles)) {
    if (!name.includes('/')) addLibrary(program, `${lib}${name}.ts`, libraryFiles[name] ?? '')
  }
  const collector = 'rt/index-incremental'
  asc.parse(program, libraryFiles[collector] ?? '', `${lib}${collector}.ts`, true)
  for (const name of runtimeFiles) {
    addLibrary(program, `${lib}${name}.ts`, readFileSync(join(request.runtimeFolder, `${name}.ts`), 'utf8'))
  }
  asc.parse(program, readText(join(request.folder, request.entry)), request.entry, true)
  for (let path = asc.nextFile(program); path !== null; path = asc.nextFile(program)) {
    addImported(compilation, path)
  }
}

function addImported(compilation: Compilation, path: string): void {
  const { program, request } = compilation
  if (request.confined && path.split(/[\\/]/).includes('..')) {
    return asc.parse(program, null, `${path}.ts`, false)
  }
  if (!path.startsWith(lib)) {
    const found = readFirst(request.folder, [`${path}.ts`, `${path}/index.ts`])
    asc.parse(program, found?.text ?? null, found?.path ?? `${path}.ts`, false)
    return
  }
  const found = readStandard(path.slice(lib.length)) ?? readPackage(compilation, path)
  if (found) addLibrary(program, `${lib}${found.path}`, found.text)
  else asc.parse(program, null, `${path}.ts`, false)
}

interface Found {
  path: string
  text: string
}

function readStandard(name: string): Found | undefined {
  const known = [name, `${name}/index`].find((each) => libraryFiles[each] !== undefined)
  return known === undefined ? undefined : { path: `${known}.ts`, text: libraryFiles[known] ?? '' }
}

/** Packages are sought as Node does: in each `node_modules` upwards, from the file that imports. */
function readPackage({ program, request, readFrom }: Compilation, path: string): Found | undefined {
  const [, name, rest = 'index'] = /^~lib\/((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(path) ?? []
  if (name === undefined) return undefined
  const from = readFrom.get(asc.getDependee(program, path) ?? '') ?? request.folder
  const nearby = request.confined ? [] : packageFoldersUpwards(from)
  for (const folder of [...nearby, ...request.packageFolders]) {
    const found = readFirst(join(folder, name), [`${rest}.ts`, `${rest}/index.ts`])
    if (!found) continue
    const inPackage = `${name}/${found.path}`
    readFrom.set(`${lib}${inPackage}`.replace(/\.ts$/, ''), join(folder, name))
    return { path: inPackage, text: found.text }
  }
  return undefined
}

function packageFoldersUpwards(folder: string): string[] {
  const folders: string[] = []
  const { root } = parsePath(folder)
  for (let at = folder; at !== root; at = dirname(at)) folders.push(join(at, 'node_modules'))
  return folders
}

function readFirst(folder: string, paths: string[]): Found | undefined {
  for (const path of paths) {
    const text = readText(join(folder, path))
    if (text !== null) return { path, text }
  }
  return undefined
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return null
    throw error
  }
}

/** Parses a library file, or puts its kept syntax tree into the program as its parser would have. */
function addLibrary(program: asc.Program, path: string, text: string): void {
  const { parser } = program
  const { source, imports } = parseLibrary(path, text)
  if (parser.donelog.has(source.internalPath)) return
  parser.donelog.add(source.internalPath)
  parser.seenlog.add(source.internalPath)
  parser.sources.push(source)
  for (const [imported, dependee] of imports) {
    if (parser.seenlog.has(imported)) continue
    parser.seenlog.add(imported)
    parser.dependees.set(imported, dependee)
    parser.backlog.push(imported)
  }
}

function parseLibrary(path: string, text: string): ParsedLibrary {
  const kept = parsedLibraries.get(path)
  if (kept?.text === text) return kept
  const parser = new asc.Parser([], [])
  parser.parseFile(text, path, false)
  const [source] = parser.sources
  if (!source) throw new Error(`${path} was not parsed`)
  const parsed = { text, source, imports: [...parser.dependees] }
  parsedLibraries.set(path, parsed)
  return parsed
}

/** Gives `undefined` when the program has errors; frees the module's memory either way. */
function emit(compilation: Compilation): Emitted | undefined {
  const { program, request } = compilation
  // Kept syntax trees have the place that their file had in the map of another module.
  for (const source of program.sources) source.debugInfoIndex = -1
  asc.initializeProgram(program)
  const compiler = request.debug ? new DeclaringCompiler(program) : undefined
  // What `asc.compile` does.
  if (compiler) program.parser.finish()
  const module = compiler?.compile() ?? asc.compile(program)
  if (takeDiagnostics(compilation)) return undefined
  if (compiler) return emitForDebugger(compiler, module, lib)
  return request.lines ? emitWithLines(module) : emitOptimized(module)
}

/** Takes what the compiler has said since the last time; true when an error was among it. */
function takeDiagnostics({ program, diagnostics, request }: Compilation): boolean {
  for (let each = asc.nextDiagnostic(program); each; each = asc.nextDiagnostic(program)) {
    if (!asc.isError(each) && !asc.isWarning(each)) continue
    const severity = asc.isError(each) ? 'error' : 'warning'
    const source = each.range?.source
    const line = source ? source.lineAt(each.range?.start ?? 0) : 1
    const column = source ? source.columnAt() : 1
    const file = source?.normalizedPath ?? request.entry
    diagnostics.push({ file, line, column, message: each.message, severity })
  }
  return diagnostics.some((each) => each.severity === 'error')
}
