// A real Kubo beside ours, where there is one on PATH: offline, with a repository of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Node {
  kubo: string
  gateway: string
  /** `ipfs version --all` in one line, or what it is. */
  is: string
  stop(): Promise<unknown>
}

/** `undefined` when there is no `ipfs` on PATH. */
export async function startKubo(): Promise<Node | undefined> {
  const version = readVersion()
  if (version === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-kubo-'))
  const env = { ...process.env, IPFS_PATH: folder }
  // The profile named test takes free ports and contacts nobody.
  execFileSync('ipfs', ['init', '--profile=test,unixfs-v1-2025'], { env, stdio: 'ignore' })
  const daemon = spawn('ipfs', ['daemon', '--offline'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = async (): Promise<void> => {
    if (daemon.exitCode === null) {
      daemon.kill('SIGINT')
      await once(daemon, 'close')
    }
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { ...(await readAddresses(daemon)), is: `Kubo ${version}, offline`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function readVersion(): string | undefined {
  try {
    return execFileSync('ipfs', ['version', '--number'], { encoding: 'utf8' }).trim()
  } catch {
    // None on PATH: the figures stand alone.
    return undefined
  }
}

async function readAddresses({ stdout }: ChildProcess): Promise<{ kubo: string; gateway: string }> {
  const urls: Record<string, string> = {}
  if (!stdout) throw new Error('ipfs has no output')
  for await (const line of createInterface({ input: stdout })) {
    const [, server = '', port] = /^(RPC API|Gateway) server listening on .*\/tcp\/(\d+)/.exec(line) ?? []
    if (port) urls[server] = `http://127.0.0.1:${port}`
    if (line.startsWith('Daemon is ready')) break
  }
  // Its log goes on: nobody reads it, and a full pipe would stop it.
  stdout.resume()
  const { 'RPC API': kubo, Gateway: gateway } = urls
  if (!kubo || !gateway) throw new Error('ipfs daemon did not tell its addresses')
  return { kubo, gateway }
}
