// Keeps beside the functions of a folder what their tsconfig.json extends, so that the editor knows AssemblyScript.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Disposable, workspace } from 'vscode'
import type { SourceFunction, SourceFunctions } from './functions.ts'

/** `near` is a folder of the extension, which has the packages. */
export function registerTypes(functions: SourceFunctions, near: string): Disposable {
  const made = new Set<string>()
  return functions.onDidChange(() => {
    for (const each of functions.all) {
      const { link, path, language } = each
      if (!workspace.isTrusted || language !== 'assemblyscript' || made.has(path)) continue
      made.add(path)
      // The editor itself says what it does not find.
      void makeTypes(each, link.folder.uri.fsPath, near).catch(() => made.delete(path))
    }
  })
}

async function makeTypes({ path }: SourceFunction, folder: string, near: string): Promise<void> {
  const config = await readFile(join(path, 'tsconfig.json'), 'utf8').catch(() => '')
  if (!config.includes('.wasmate/types')) return
  const { writeTypes } = await import('../../build/assemblyscript/types.ts')
  await writeTypes(join(folder, '.wasmate'), near)
}
