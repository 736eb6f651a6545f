// The extension as people get it: packed by the script of package.json, installed by VS Code itself.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installVsCode } from './install.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

/** What `npm run package` makes of the bundle that is there, at this path. */
export async function packExtension(path: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: { package: string }
  }
  const [, pack = ''] = scripts.package.split(' && ')
  if (!pack.endsWith(' dist/wasmate.vsix')) throw new Error(`not a way to pack: ${scripts.package}`)
  const [program = '', ...args] = [...pack.split(' ').slice(0, -1), path]
  await run(program, args, { cwd: root, shell: process.platform === 'win32' })
}

/** Unpacks it into a folder of its own inside of `extensionsFolder`, and gives that. */
export async function installExtension(path: string, extensionsFolder: string): Promise<string> {
  const { entry, node } = await installVsCode()
  const data = ['--server-data-dir', join(extensionsFolder, '.server'), '--accept-server-license-terms']
  await run(node, [entry, '--install-extension', path, '--extensions-dir', extensionsFolder, ...data])
  const known = await readFile(join(extensionsFolder, 'extensions.json'), 'utf8')
  const [installed] = JSON.parse(known) as { relativeLocation: string }[]
  if (!installed) throw new Error(`it is not installed: ${known}`)
  return join(extensionsFolder, installed.relativeLocation)
}
