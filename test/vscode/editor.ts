// For tests inside of the extension host: the world outside, and files as VS Code gives them.

import { type FileSystemError, Uri, workspace } from 'vscode'
import type { Deeds } from './world.ts'

const url = process.env['WASMATE_TEST_WORLD'] ?? ''

/** Has the world do something. */
export async function ask<Name extends keyof Deeds>(
  deed: Name,
  ...[given]: Parameters<Deeds[Name]>
): Promise<Awaited<ReturnType<Deeds[Name]>>> {
  const response = await fetch(`${url}/${deed}`, { method: 'POST', body: JSON.stringify(given) })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Awaited<ReturnType<Deeds[Name]>>
}

/** Adds one file, in no folder; gives its CID. */
export async function addFile(bytes: Uint8Array, cidVersion: 0 | 1 = 1): Promise<string> {
  const files = [{ path: '', base64: Buffer.from(bytes).toString('base64') }]
  return (await ask('add', { files, cidVersion }))[''] ?? ''
}

/** Adds files and links by their paths; gives the CIDs by path, that of their folder under ''. */
export async function addFolder(
  files: Record<string, Uint8Array | { target: string }>,
  cidVersion: 0 | 1 = 1,
): Promise<Record<string, string>> {
  const given = Object.entries(files).map(([path, content]) =>
    content instanceof Uint8Array
      ? { path, base64: Buffer.from(content).toString('base64') }
      : { path, ...content },
  )
  return ask('add', { files: given, cidVersion })
}

export function ipfs(...path: string[]): Uri {
  return Uri.from({ scheme: 'ipfs', path: `/${path.join('/')}` })
}

/** The error's code and words. */
export async function failureOf(work: Thenable<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work
  } catch (error) {
    const { code, message } = error as FileSystemError
    return { code, message }
  }
  throw new Error('it did not fail')
}

export const { fs } = workspace
