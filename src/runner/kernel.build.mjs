// kernel.as.ts -> the bytes of kernel.wasm. Run as a program it writes them beside its source, or where it is told.

import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'

const source = new URL('kernel.as.ts', import.meta.url)
const target = new URL('kernel.wasm', import.meta.url)

/**
 * The same source and compiler give the same bytes. Rejects with what the compiler says.
 * @returns {Promise<Uint8Array>}
 */
export async function compileKernel() {
  const text = await readFile(source, 'utf8')
  const output = new Map()
  const { error, stderr } = await asc.main(
    [
      'kernel.ts',
      ...['--outFile', 'kernel.wasm', '--runtime', 'stub', '--use', 'abort='],
      ...['--importMemory', '--noExportMemory', '-O3', '--converge', '--noAssert'],
    ],
    {
      readFile: (name) => (name === 'kernel.ts' ? text : null),
      writeFile: (name, contents) => void output.set(name, contents),
      listFiles: () => [],
    },
  )
  if (error) throw new Error(`kernel.as.ts does not compile: ${stderr.toString()}`, { cause: error })
  return output.get('kernel.wasm')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(process.argv[2] ?? target, await compileKernel())
}
