// Where starknet-devnet comes from: setting -> PATH -> cache -> official release -> cargo.

import { execFile } from 'node:child_process'
import { access, chmod, constants, rename } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { WasmateError, describe, isAbort } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { Context } from '../model.ts'
import { buildWithCargo } from './cargo.ts'
import { fetchRelease, releaseTarget } from './release.ts'
import { withStaging } from './staging.ts'

export const devnetVersion = '0.10.1'

export interface BinaryOptions {
  /** wasmate.devnet.path: used or refused, never passed over. */
  path?: string | undefined
  /** Value of PATH. */
  pathEnv: string
  /** The product's cache folder. */
  cacheFolder: string
  /** Whether the official release may be downloaded. */
  download: boolean
  /** Whether cargo may build it. */
  build: boolean
  /** Where releases are described; the tag is appended. */
  releaseUrl: string
  platform: string
  arch: string
  log?: Log
}

const howToAvoid =
  'building starknet-devnet, which takes some 25 minutes on two cores; to avoid it put a starknet-devnet ' +
  `${devnetVersion} on PATH or set wasmate.devnet.path. All that needs no chain works meanwhile`

export type Origin = 'setting' | 'path' | 'cache' | 'release' | 'cargo'

export interface FoundBinary {
  binary: string
  origin: Origin
}

/** One place where it was sought, and what was there. */
export interface Sought {
  origin: Origin
  finding: string
}

const run = promisify(execFile)

/** Setting, PATH and cache alone: quick, changes nothing, never throws. */
export async function findDevnet(
  options: Pick<BinaryOptions, 'path' | 'pathEnv' | 'cacheFolder'>,
): Promise<{ found: FoundBinary | undefined; sought: Sought[] }> {
  const sought: Sought[] = []
  const candidates = await listCandidates(options)
  for (const { origin, place } of candidates) {
    const fault = place === undefined ? 'not there' : await findFault(place)
    if (place !== undefined && fault === undefined) {
      sought.push({ origin, finding: place })
      return { found: { binary: place, origin }, sought }
    }
    sought.push({ origin, finding: place === undefined ? 'not there' : `${place} ${fault}` })
    if (origin === 'setting') break
  }
  return { found: undefined, sought }
}

/**
 * Finds starknet-devnet, or downloads or builds it into the cache. Throws CONFIG_INVALID when the setting
 * names something else, DEVNET_CHECKSUM, or DEVNET_MISSING naming every place and why it had none.
 */
export async function locateDevnet(options: BinaryOptions, ctx: Context): Promise<FoundBinary> {
  const log = options.log ?? silentLog
  const { found, sought } = await findDevnet(options)
  for (const { origin, finding } of sought) log.info(`starknet-devnet sought in ${origin}: ${finding}`)
  if (found) return found
  if (options.path !== undefined) {
    throw new WasmateError('CONFIG_INVALID', `wasmate.devnet.path: ${sought.at(-1)?.finding}`)
  }
  for (const origin of ['release', 'cargo'] as const) {
    if (origin === 'cargo' && options.build) log.warn(howToAvoid)
    try {
      return { binary: await make(origin, options, ctx), origin }
    } catch (error) {
      ctx.signal?.throwIfAborted()
      if (error instanceof WasmateError || isAbort(error)) throw error
      log.warn(`starknet-devnet from ${origin}: ${describe(error)}`)
      sought.push({ origin, finding: describe(error) })
    }
  }
  throw new WasmateError(
    'DEVNET_MISSING',
    sought.map(({ origin, finding }) => `${origin}: ${finding}`).join('; '),
  )
}

function cachedPath(cacheFolder: string): string {
  return join(cacheFolder, 'starknet-devnet', devnetVersion, 'starknet-devnet')
}

async function listCandidates(
  options: Pick<BinaryOptions, 'path' | 'pathEnv' | 'cacheFolder'>,
): Promise<{ origin: Origin; place: string | undefined }[]> {
  if (options.path !== undefined) return [{ origin: 'setting', place: options.path }]
  const cached = cachedPath(options.cacheFolder)
  const onPath = await findOnPath('starknet-devnet', options.pathEnv)
  return [
    ...(onPath.length > 0 ? onPath : [undefined]).map((place) => ({ origin: 'path' as const, place })),
    { origin: 'cache', place: (await isExecutable(cached)) ? cached : undefined },
  ]
}

async function findOnPath(name: string, pathEnv: string): Promise<string[]> {
  const found: string[] = []
  for (const folder of pathEnv.split(delimiter).filter(isAbsolute)) {
    if (await isExecutable(join(folder, name))) found.push(join(folder, name))
  }
  return found
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** What keeps this file from being used, in words that follow its path; `undefined` when nothing does. */
async function findFault(path: string): Promise<string | undefined> {
  if (!(await isExecutable(path))) return 'is not there or not executable'
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 20_000 })
    const version = /^starknet-devnet (\S+)/.exec(stdout)?.[1]
    if (version === devnetVersion) return undefined
    return version ? `is version ${version}, not ${devnetVersion}` : 'is not starknet-devnet'
  } catch (error) {
    return `does not run (${describe(error).split('\n')[0]})`
  }
}

async function make(origin: 'release' | 'cargo', options: BinaryOptions, ctx: Context): Promise<string> {
  const place = cachedPath(options.cacheFolder)
  const prepare = origin === 'release' ? await prepareRelease(options) : await prepareCargo(options)
  return withStaging(dirname(place), async (folder) => {
    const made = await prepare(folder, ctx)
    await chmod(made, 0o755)
    const fault = await findFault(made)
    if (fault !== undefined) throw new Error(`what came ${fault}`)
    await rename(made, place)
    return place
  })
}

type Maker = (folder: string, ctx: Context) => Promise<string>

async function prepareRelease(options: BinaryOptions): Promise<Maker> {
  if (options.platform === 'win32') throw new Error('there is none for Windows: run Wasmate inside WSL')
  if (!options.download) throw new Error('wasmate.devnet.download is off')
  const musl = options.platform === 'linux' && (await isMusl(options.arch))
  const target = releaseTarget(options.platform, options.arch, musl)
  if (target === undefined) throw new Error(`there is none for ${options.platform} ${options.arch}`)
  const { releaseUrl } = options
  return (folder, ctx) => fetchRelease({ releaseUrl, version: devnetVersion, target, folder }, ctx)
}

async function prepareCargo(options: BinaryOptions): Promise<Maker> {
  if (options.platform === 'win32') throw new Error('it does not build on Windows: run Wasmate inside WSL')
  if (!options.build) throw new Error('wasmate.devnet.build is off')
  const { pathEnv } = options
  const [cargo] = await findOnPath('cargo', pathEnv)
  if (cargo === undefined) throw new Error('cargo is not on PATH')
  return (folder, ctx) => buildWithCargo({ cargo, pathEnv, version: devnetVersion, folder }, ctx)
}

/** A musl loader means a musl system, or one where a static musl binary runs as well. */
function isMusl(arch: string): Promise<boolean> {
  return isExecutable(`/lib/ld-musl-${arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`)
}
