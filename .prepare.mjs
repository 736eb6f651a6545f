// Before any npm script: the right Node, the dependencies of the lock file, a fresh bundle. Quick when all is there.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major] = process.versions.node.split('.').map(Number)
if (major < 20)
  fail(`Wasmate needs Node 20 or newer; this is ${process.version}. Get it from your package manager or nvm.`)

process.chdir(fileURLToPath(new URL('.', import.meta.url)))
const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
if (readStamp() !== lock) install()

const { bundle } = await import('./.esbuild.mjs')
await bundle()

function install() {
  console.error('installing dependencies (once for each change of package-lock.json)')
  // No package may run code while it is installed: nothing here needs it.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) fail('npm ci failed; the lines above say why. Is the npm registry reachable?')
  writeFileSync('node_modules/.wasmate-lock', lock)
}

function readStamp() {
  try {
    return readFileSync('node_modules/.wasmate-lock', 'utf8')
  } catch {
    return undefined
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
