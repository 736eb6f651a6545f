// Where a secret must not be: files, what was printed, and the arguments and environments of processes.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface Places {
  texts?: readonly string[]
  folders?: readonly string[]
  /** Their children's children as well; with their environments, which only Linux shows. */
  processes?: readonly number[]
}

/** A secret is looked for without 0x and leading zeros. */
export async function assertNowhere(secrets: readonly string[], places: Places): Promise<void> {
  const { texts = [], folders = [], processes = [] } = places
  const bare = secrets.map((secret) => secret.replace(/^0x0*/, ''))
  for (const secret of bare) assert.ok(secret.length > 8, 'a secret that could be there by chance')
  const check = (where: string, content: Buffer): void => {
    assert.ok(!bare.some((secret) => content.includes(secret)), where)
  }
  for (const text of texts) check(`printed: ${text.slice(0, 200)}`, Buffer.from(text))
  for (const folder of folders) {
    for (const path of await listFiles(folder)) check(path, await readFile(path).catch(() => Buffer.alloc(0)))
  }
  for (const pid of await withDescendants(processes)) {
    for (const name of ['cmdline', 'environ']) {
      const content = await readFile(`/proc/${pid}/${name}`).catch(() => Buffer.alloc(0))
      check(`${name} of process ${pid}`, content)
    }
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** Of what is gone meanwhile, nothing. */
async function withDescendants(pids: readonly number[]): Promise<number[]> {
  if (process.platform !== 'linux') return [...pids]
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = new Map<number, number>()
  for (const pid of all) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    parents.set(pid, Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0))
  }
  const found = new Set(pids)
  // Parents may come behind their children: as often as it brings something.
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}
