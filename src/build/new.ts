// A new function from a template: a name in, a folder that compiles out.

import { cp, lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmateError, systemCode } from '../base/errors.ts'
import { validateName } from '../name.ts'
import type { Source } from '../model.ts'
import { manifestSchema } from './manifest-schema.ts'
import { manifestName } from './manifest.ts'
import { type DefaultLimits, findSource } from './source.ts'
import { compiledLanguages, templates } from './toolchain.ts'

export interface NewFunction {
  /** Folder that the function's folder is made in; made itself when it is not there. */
  parent: string
  name: string
  language: string
  /** Absent: `hello`. */
  template?: string | undefined
  /** Folder of media; its templates/ has a folder a template, and in that one a language. */
  mediaFolder: string
  limits: DefaultLimits
}

/** Throws NAME_INVALID, LANGUAGE_UNKNOWN, INPUT_INVALID or FOLDER_EXISTS; then nothing was made. */
export async function createFunction(options: NewFunction): Promise<Source> {
  const { parent, name, language, template = 'hello', mediaFolder, limits } = options
  validateName(name)
  if (!compiledLanguages.some((each) => each === language)) {
    throw new WasmateError('LANGUAGE_UNKNOWN', `${language}; there are ${compiledLanguages.join(', ')}`)
  }
  if (!templates.some((each) => each === template)) {
    throw new WasmateError('INPUT_INVALID', `template ${template}; there are ${templates.join(', ')}`)
  }
  const folder = join(parent, name)
  if (await isThere(folder)) throw new WasmateError('FOLDER_EXISTS', folder)
  await mkdir(parent, { recursive: true })
  // Made beside its place and then moved: whoever looks sees all of it or nothing.
  const half = await mkdtemp(join(parent, '.wasmate-new-'))
  try {
    await fill(half, join(mediaFolder, 'templates', template, language), name)
    await moveTo(half, folder)
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    throw error
  }
  return findSource(folder, limits)
}

async function fill(folder: string, template: string, name: string): Promise<void> {
  await cp(template, folder, { recursive: true })
  const path = join(folder, manifestName)
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  await writeFile(path, `${JSON.stringify({ name, ...manifest }, undefined, 2)}\n`)
}

async function moveTo(from: string, folder: string): Promise<void> {
  try {
    await rename(from, folder)
  } catch (error) {
    const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(systemCode(error) ?? '')
    if (taken && (await isThere(folder))) throw new WasmateError('FOLDER_EXISTS', folder, { cause: error })
    throw error
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
