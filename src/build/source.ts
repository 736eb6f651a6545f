// Where functions are: a path in, a Source out; or all of a workspace's.

import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { WasmateError, systemCode } from '../base/errors.ts'
import { validateName } from '../name.ts'
import type { Source } from '../model.ts'
import type { Manifest } from './manifest-schema.ts'
import { manifestName, readManifest, refuseField } from './manifest.ts'
import { type Language, extensionsOf, languages } from './toolchain.ts'

/** Limits of a function whose wasmate.json names none. */
export interface DefaultLimits {
  timeoutMs: number
  maxMemoryBytes: number
}

/** A folder that holds a function, or a ready .wasm file. Throws SOURCE_NOT_FOUND, MANIFEST_INVALID, NAME_INVALID. */
export async function findSource(path: string, defaults: DefaultLimits): Promise<Source> {
  const absolute = resolve(path)
  const entry = await stat(absolute).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
    throw new WasmateError('SOURCE_NOT_FOUND', `${absolute} can't be read`, { cause: error })
  })
  if (!entry) throw new WasmateError('SOURCE_NOT_FOUND', `${absolute} does not exist`)
  if (entry.isDirectory()) return readFolder(absolute, await readManifest(absolute), defaults)
  if (extname(absolute) !== '.wasm') {
    throw new WasmateError('SOURCE_NOT_FOUND', `${absolute} is neither a folder nor a .wasm file`)
  }
  const found = { folder: dirname(absolute), entry: absolute }
  return toSource(basename(absolute, '.wasm'), absolute, found, 'wasm', {}, defaults)
}

/** Told of a folder whose wasmate.json is not valid, or names what is not there. */
type OnBroken = (folder: string, error: WasmateError) => void

/**
 * The functions of a workspace, by name: its folders that hold one, and itself when it has a wasmate.json. Throws for
 * the first that is broken, unless somebody is told of those.
 */
export async function listSources(
  workspaceFolder: string,
  defaults: DefaultLimits,
  onBroken?: OnBroken,
): Promise<Source[]> {
  const root = resolve(workspaceFolder)
  const entries = await readdir(root, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && !isSkipped(entry.name))
  const found = await Promise.all([
    ...folders.map(({ name }) => tellIfBroken(join(root, name), onBroken, readIfFunction, defaults)),
    tellIfBroken(root, onBroken, readOwn, defaults),
  ])
  return found.filter((source) => source !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function tellIfBroken(
  folder: string,
  onBroken: OnBroken | undefined,
  read: typeof readOwn,
  defaults: DefaultLimits,
): Promise<Source | undefined> {
  return read(folder, defaults).catch((error: unknown) => {
    if (!onBroken || !(error instanceof WasmateError)) throw error
    onBroken(folder, error)
    return undefined
  })
}

async function readOwn(folder: string, defaults: DefaultLimits): Promise<Source | undefined> {
  const manifest = await readManifest(folder)
  return manifest && readFolder(folder, manifest, defaults)
}

function isSkipped(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === 'dist'
}

/** Without a wasmate.json a folder that is no function is nobody's mistake. */
async function readIfFunction(folder: string, defaults: DefaultLimits): Promise<Source | undefined> {
  const manifest = await readManifest(folder)
  if (manifest) return readFolder(folder, manifest, defaults)
  return readFolder(folder, undefined, defaults).catch((error: unknown) => {
    if (error instanceof WasmateError) return undefined
    throw error
  })
}

async function readFolder(folder: string, manifest: Manifest = {}, defaults: DefaultLimits): Promise<Source> {
  const name = manifest.name ?? basename(folder)
  const entry = await (manifest.entry === undefined
    ? findEntry(folder, name, manifest.language)
    : checkEntry(folder, manifest.entry))
  const language = manifest.language ?? languageOf(entry)
  return toSource(name, folder, { folder, entry }, language, manifest, defaults)
}

function toSource(
  name: string,
  path: string,
  { folder, entry }: Pick<Source, 'folder' | 'entry'>,
  language: Language,
  manifest: Manifest,
  defaults: DefaultLimits,
): Source {
  validateName(name)
  const { timeoutMs, maxMemoryBytes, allowedHosts = [], config = {}, description, inputSchema } = manifest
  const options = {
    timeoutMs: timeoutMs ?? defaults.timeoutMs,
    maxMemoryBytes: maxMemoryBytes ?? defaults.maxMemoryBytes,
    allowedHosts,
    config,
  }
  const defaultExport = manifest.exports?.[0]
  return {
    name,
    path,
    folder,
    entry,
    language,
    options,
    ...(defaultExport !== undefined && { defaultExport }),
    ...((description !== undefined || inputSchema) && {
      tool: { ...(description !== undefined && { description }), ...(inputSchema && { inputSchema }) },
    }),
  }
}

/** NAME, index or main with a language's extension, else the only source file there is. */
async function findEntry(folder: string, name: string, language: Language | undefined): Promise<string> {
  const extensions = language ? extensionsOf[language] : languages.flatMap((each) => [...extensionsOf[each]])
  const files = (await readdir(folder, { withFileTypes: true }))
    .filter((file) => !file.isDirectory() && !file.name.endsWith('.d.ts') && !file.name.startsWith('.'))
    .map((file) => file.name)
    .filter((file) => (extensions as readonly string[]).includes(extname(file)))
  const wanted = [name, 'index', 'main'].flatMap((stem) => extensions.map((extension) => stem + extension))
  const entry = wanted.find((file) => files.includes(file)) ?? (files.length === 1 ? files[0] : undefined)
  if (entry !== undefined) return join(folder, entry)
  const several =
    files.length > 1 ? `; it has ${files.sort().join(', ')}: name one as "entry" in ${manifestName}` : ''
  throw new WasmateError('SOURCE_NOT_FOUND', `${folder} has none of ${wanted.join(', ')}${several}`)
}

/** An entry may not lie outside: the folder is what is published as the source. */
async function checkEntry(folder: string, entry: string): Promise<string> {
  const path = resolve(folder, entry)
  const place = `${join(folder, manifestName)}: entry`
  if (!isInside(folder, path))
    throw await refuseField(folder, 'entry', `entry ${entry} is outside the folder`)
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw new WasmateError('SOURCE_NOT_FOUND', `${path} (${place}) is not a file`)
  if (!isInside(await realpath(folder), await realpath(path))) {
    throw await refuseField(folder, 'entry', `entry ${entry} is a link to outside the folder`)
  }
  return path
}

/** By the paths alone: links are not followed. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function languageOf(entry: string): Language {
  const extension = extname(entry)
  const language = languages.find((each) => (extensionsOf[each] as readonly string[]).includes(extension))
  if (language) return language
  throw new WasmateError('LANGUAGE_UNKNOWN', `${entry} has the extension ${extension || '(none)'}`)
}
