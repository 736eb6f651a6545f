// The structure that docs/architecture.md and the README describe, held against the code.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const stages = ['build', 'content', 'devnet', 'registry', 'runner', 'trace']

/** Row of the table in docs/architecture.md; a file imports its own row (where allowed) and those above. */
function rowOf(path: string): number {
  const [top = '', ...rest] = path.split('/')
  if (rest.length === 0) return fileRows[top] ?? NaN
  if (top === 'base') return 1
  if (stages.includes(top)) return 3
  if (top === 'flows') return 4
  if (top === 'emulator') return 6
  if (['client', 'serve', 'debug'].includes(top)) return 5
  return top === 'cli' || top === 'vscode' ? 7 : NaN
}

const fileRows: Record<string, number> = {
  'model.ts': 2,
  'host-trace.ts': 2,
  'recording.ts': 2,
  'debug-info.ts': 2,
  'name.ts': 2,
  'config.ts': 2,
  'networks.ts': 2,
  'editor-settings.ts': 2,
  'steps.ts': 2,
  'workspace.ts': 2,
  'lockfile.ts': 2,
  'emulator.ts': 6,
  'cli.ts': 7,
  'extension.ts': 7,
}

interface Import {
  from: string
  to: string
}

async function sources(): Promise<string[]> {
  const names = await readdir(join(root, 'src'), { recursive: true })
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.as.ts') && !name.includes('/guest/as'))
    .sort()
}

async function imports(): Promise<Import[]> {
  const found: Import[] = []
  for (const from of await sources()) {
    const text = await readFile(join(root, 'src', from), 'utf8')
    for (const [, target = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      found.push({ from, to: relative('.', normalize(join(dirname(from), target))) })
    }
  }
  return found
}

test('every file has its row, and imports nothing below it', async () => {
  const wrong = (await imports()).filter(({ from, to }) => !(rowOf(from) >= rowOf(to)))
  assert.deepEqual(wrong, [])
})

test('no stage imports another', async () => {
  const wrong = (await imports()).filter(({ from, to }) => {
    const [a = '', b = ''] = [from.split('/')[0], to.split('/')[0]]
    return a !== b && stages.includes(a) && stages.includes(b)
  })
  assert.deepEqual(wrong, [])
})

test('folders do not import each other in a circle, but for a part of one and the folder around it', async () => {
  const pairs = new Set((await imports()).map(({ from, to }) => `${dirname(from)} ${dirname(to)}`))
  const circles = [...pairs].filter((pair) => {
    const [a = '', b = ''] = pair.split(' ')
    const isPart = a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
    return a !== b && a !== '.' && b !== '.' && !isPart && pairs.has(`${b} ${a}`)
  })
  assert.deepEqual(circles, [])
})

test('the editor is known in its own folder alone, and not to the command line', async () => {
  const knowing: string[] = []
  for (const path of await sources()) {
    const text = await readFile(join(root, 'src', path), 'utf8')
    if (/(?:from|import\()\s*'vscode'/.test(text)) knowing.push(path)
  }
  const isEditor = (path: string): boolean => path === 'extension.ts' || path.startsWith('vscode/')
  assert.deepEqual(
    knowing.filter((path) => !isEditor(path)),
    [],
  )
  const isCli = (path: string): boolean => path === 'cli.ts' || path.startsWith('cli/')
  const crossing = (await imports()).filter(
    ({ from, to }) => (isEditor(from) && isCli(to)) || (isCli(from) && isEditor(to)),
  )
  assert.deepEqual(crossing, [])
})

test('the environment of the process is read in one place', async () => {
  const readers: string[] = []
  for (const path of await sources()) {
    const text = await readFile(join(root, 'src', path), 'utf8')
    if (/process\.env\b/.test(text)) readers.push(path)
  }
  // A child is given what the process was given, whatever that is.
  assert.deepEqual(readers, ['base/child-process.ts', 'build/compiler.ts', 'cli.ts'])
})

test('only named exports, no barrels, no words that say nothing', async () => {
  for (const path of await sources()) {
    const text = await readFile(join(root, 'src', path), 'utf8')
    assert.doesNotMatch(text, /^export default/m, path)
    assert.doesNotMatch(text, /^export \* from/m, path)
    assert.doesNotMatch(path, /utils|common|helpers|index\.ts|manager/i, path)
    assert.match(text, /^(\/\/|#!)/, `${path} does not begin by saying what it is`)
  }
})

test('folders stay small enough to take in', async () => {
  const counts = new Map<string, number>()
  for (const path of await sources()) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  const crowded = [...counts].filter(([, count]) => count > 15)
  assert.deepEqual(crowded, [])
})
