// The peer of the loop: `wrangler dev`, which has neither a chain nor IPFS. Fetched here alone, into the cache.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { choosePort } from '../../src/base/ports.ts'
import { until } from '../helpers/until.ts'

/** The newest that runs on Node 20. */
const version = '4.86.0'

export interface Wrangler {
  url: string
  /** The file that is saved. */
  entry: string
  stop(): Promise<void>
}

export async function installWrangler(): Promise<string> {
  const folder = join(envPaths('wasmate', { suffix: '' }).cache, 'bench', `wrangler-${version}`)
  const binary = join(folder, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const isThere = await access(binary).then(
    () => true,
    () => false,
  )
  if (isThere) return binary
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const args = [
    'install',
    `wrangler@${version}`,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] })
  return binary
}

export function workerSource(greeting: string): string {
  return `export default { async fetch(request) { return new Response(${JSON.stringify(greeting)} + (await request.text())) } }\n`
}

/** Starts it and resolves at its first answer. */
export async function startWrangler(binary: string, folder: string): Promise<Wrangler> {
  await mkdir(folder, { recursive: true })
  const entry = join(folder, 'worker.js')
  await writeFile(entry, workerSource('first '))
  await writeFile(
    join(folder, 'wrangler.json'),
    JSON.stringify({ name: 'peer', main: 'worker.js', compatibility_date: '2025-09-01' }),
  )
  const [{ port }, inspector] = [await choosePort(0), await choosePort(0)]
  const args = [binary, 'dev', '--port', String(port), '--inspector-port', String(inspector.port)]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', XDG_CONFIG_HOME: folder },
  })
  const url = `http://127.0.0.1:${port}/`
  await until(async () => (await fetch(url, { method: 'POST', body: 'x' })).ok, 'wrangler dev')
  return { url, entry, stop: () => stopGroup(child) }
}

function stopGroup(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    process.kill(-child.pid, 'SIGKILL')
  })
}
