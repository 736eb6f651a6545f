// The AssemblyScript compiler's thread from source. tsx would also rewrite the 13 MB of binaryen, for seconds;
// so our own few files are bundled here, and packages are loaded as they are.

import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'

const packagesAsTheyAre = {
  name: 'packages-as-they-are',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined
      return { path: import.meta.resolve(path), external: true }
    })
  },
}

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../../src/build/assemblyscript-worker.ts', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
  plugins: [packagesAsTheyAre],
})
const [bundle] = outputFiles
await import(`data:text/javascript;base64,${Buffer.from(bundle.contents).toString('base64')}`)
