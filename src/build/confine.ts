// What keeps a C compiler in: folders that it may read in, flags for it out.

import { writeFile } from 'node:fs/promises'

/**
 * The compiler sees a file system that has these folders and nothing else, whatever `#include`, `#embed` and
 * `__has_include` name. Only the assembler reads past it (`.incbin`), so assembly in C is refused.
 */
export async function confineTo(folders: string[], overlayPath: string): Promise<string[]> {
  const overlay = {
    version: 0,
    'use-external-names': false,
    fallthrough: false,
    roots: folders.map((folder) => ({ type: 'directory-remap', name: folder, 'external-contents': folder })),
  }
  // It is to be YAML, which JSON is.
  await writeFile(overlayPath, JSON.stringify(overlay))
  return ['-ivfsoverlay', overlayPath, '-fno-gnu-inline-asm']
}

/**
 * Runs the command with limits on what a program that eats memory or disk can take: 4 GiB of addresses and
 * files of 256 MiB. Only Linux keeps to the first.
 */
export function withinLimits(command: string, args: string[]): { command: string; args: string[] } {
  if (process.platform !== 'linux') return { command, args }
  const limit = 'ulimit -v 4194304; ulimit -f 524288; exec "$@"'
  return { command: '/bin/sh', args: ['-c', limit, 'wasmate-confined', command, ...args] }
}
