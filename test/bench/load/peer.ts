// The Go peer: built once into the user's cache, started with a module and an export.

import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { access, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import envPaths from 'env-paths'

const folder = join(import.meta.dirname, '../go-peer')

export interface Peer {
  url: string
  pid: number
  stop(): Promise<void>
}

/** Gives its path. Takes minutes the first time: its modules come from the Go proxy. */
async function buildPeer(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(folder, name)))
  const cache = join(envPaths('wasmate', { suffix: '' }).cache, 'bench')
  const binary = join(cache, `go-peer-${hash.digest('hex').slice(0, 16)}`)
  const isThere = await access(binary).then(
    () => true,
    () => false,
  )
  if (isThere) return binary
  mkdirSync(cache, { recursive: true })
  const half = `${binary}.${process.pid}`
  execFileSync('go', ['build', '-o', half, '.'], { cwd: folder, stdio: ['ignore', 2, 2] })
  await rename(half, binary)
  return binary
}

export async function startPeer(modulePath: string, exportName: string): Promise<Peer> {
  const child = spawn(await buildPeer(), [modulePath, exportName], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [port] = (await Promise.race([
    once(lines, 'line'),
    exited.then(() => Promise.reject(new Error('the Go peer does not start'))),
  ])) as [string]
  if (child.pid === undefined) throw new Error('the Go peer has no process')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return { url: `http://127.0.0.1:${port}/`, pid: child.pid, stop }
}
