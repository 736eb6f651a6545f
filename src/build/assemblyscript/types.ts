// What an editor has to know to understand AssemblyScript: its types, and those of the library functions import, in
// a folder that a function's tsconfig.json extends.

import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WasmateError, systemCode } from '../../base/errors.ts'

/** Below `.wasmate`. */
const folderName = 'types'

/** The same for every function: a folder has none of the packages that a function is compiled with. */
const config = {
  compilerOptions: {
    target: 'esnext',
    module: 'esnext',
    moduleResolution: 'bundler',
    noLib: true,
    noEmit: true,
    strict: true,
    experimentalDecorators: true,
    typeRoots: ['.'],
    types: ['assembly'],
    paths: { '@extism/as-pdk': ['./as-pdk/index.ts'] },
  },
}

/**
 * Makes the folder unless it is there for this version; gives whether it was made. `stateFolder` is `.wasmate`; the
 * packages are sought in the `node_modules` of `near` and of the folders above it.
 */
export async function writeTypes(stateFolder: string, near: string): Promise<boolean> {
  const [compiler, library] = await Promise.all([
    findPackage('assemblyscript', near),
    findPackage('@extism/as-pdk', near),
  ])
  const made = `${await versionOf(compiler)} ${await versionOf(library)}`
  const folder = join(stateFolder, folderName)
  const there = await readFile(join(folder, 'version'), 'utf8').catch(() => '')
  if (there === made) return false
  await mkdir(stateFolder, { recursive: true })
  await writeFile(join(stateFolder, '.gitignore'), '*\n')
  // Made beside its place: an editor that looks meanwhile sees the old or the new.
  const half = `${folder}.${process.pid}`
  await rm(half, { recursive: true, force: true })
  await mkdir(join(half, 'assembly'), { recursive: true })
  await cp(join(compiler, 'std/assembly/index.d.ts'), join(half, 'assembly/index.d.ts'))
  await cp(library, join(half, 'as-pdk'), { recursive: true })
  await writeFile(join(half, 'tsconfig.json'), `${JSON.stringify(config, undefined, 2)}\n`)
  await writeFile(join(half, 'version'), made)
  await rm(folder, { recursive: true, force: true })
  await rename(half, folder).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true })
    // Another window has made it meanwhile.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(error) ?? '')) throw error
  })
  return true
}

async function findPackage(name: string, near: string): Promise<string> {
  for (let at = near; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    const found = await stat(join(folder, 'package.json')).catch(() => undefined)
    if (found) return folder
    if (dirname(at) === at) throw new WasmateError('INTERNAL', `the package ${name} is not above ${near}`)
  }
}

async function versionOf(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version
}
