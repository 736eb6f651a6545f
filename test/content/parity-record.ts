// Records the vectors of parity.test.ts with a real Kubo. Arguments: the `ipfs` binary, the JSON file to write.
// Each profile gets a repository of its own, configured as IPIP-499 and Kubo's own profiles have it.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ImportProfile } from '../../src/model.ts'
import { type Input, inputs } from '../helpers/inputs.ts'

const run = promisify(execFile)
const [ipfs = 'ipfs', target = ''] = process.argv.slice(2)

const profiles: Record<ImportProfile, { config: string[]; options: string[] }> = {
  'kubo-v1': { config: [], options: ['--cid-version=1', '--raw-leaves'] },
  'unixfs-v0-2015': { config: ['unixfs-v0-2015'], options: [] },
  'unixfs-v1-2025': { config: ['unixfs-v1-2025'], options: [] },
}

async function writeInput(folder: string, input: Input): Promise<string> {
  const entries = input.entries()
  for (const entry of entries) {
    const path = join(folder, entry.path)
    if ('content' in entry) await writeFile(path, entry.content)
    else if ('link' in entry) await symlink(entry.link, path)
    else await mkdir(path)
  }
  return join(folder, entries[0]?.path ?? '')
}

async function openRepository(folder: string, config: string[]): Promise<NodeJS.ProcessEnv> {
  const env = { IPFS_PATH: folder, HOME: folder, PATH: '' }
  await run(ipfs, ['init', '--empty-repo'], { env })
  for (const profile of config) await run(ipfs, ['config', 'profile', 'apply', profile], { env })
  return env
}

async function record(folder: string): Promise<Record<string, Record<string, string>>> {
  const cids: Record<string, Record<string, string>> = {}
  const written = new Map<string, string>()
  for (const [index, input] of inputs.entries()) {
    const place = join(folder, `input-${index}`)
    await mkdir(place)
    written.set(input.name, await writeInput(place, input))
  }
  for (const [profile, { config, options }] of Object.entries(profiles)) {
    const env = await openRepository(join(folder, profile), config)
    const recorded: Record<string, string> = {}
    for (const [name, path] of written) {
      const { stdout } = await run(ipfs, ['add', '-r', '-Q', '-H', ...options, path], { env })
      recorded[name] = stdout.trim()
    }
    cids[profile] = recorded
  }
  return cids
}

const folder = await mkdtemp(join(tmpdir(), 'wasmate-parity-'))
try {
  const { stdout } = await run(ipfs, ['version', '--number'])
  const recorded = { kubo: stdout.trim(), cids: await record(folder) }
  await writeFile(target, `${JSON.stringify(recorded, undefined, 2)}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
