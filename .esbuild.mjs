// Bundles into dist/: the CLI, split so that a verb loads only what it needs, the worker threads, the extension.

import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

/** zod speaks fifty languages, a third of its text; its messages are only read in English here. */
const oneLanguage = {
  name: 'one-language',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {}' }))
  },
}

const shared = {
  bundle: true,
  plugins: [oneLanguage],
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  outdir: 'dist',
  sourcemap: 'linked',
  logLevel: 'warning',
  // Half the text is half the time to read it at each start; names stay for stack traces.
  minify: true,
  keepNames: true,
  // The compiler is a library of 100 MB with files of its own: it stays where npm put it.
  external: ['assemblyscript', 'assemblyscript/*', '@extism/as-pdk'],
  // CommonJS dependencies inside an ES module still ask for what only CommonJS has.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module'",
      "import { fileURLToPath as __fileURLToPath } from 'node:url'",
      'const require = __createRequire(import.meta.url)',
      'const __filename = __fileURLToPath(import.meta.url)',
      "const __dirname = __fileURLToPath(new URL('.', import.meta.url))",
    ].join(';'),
  },
}

/**
 * VS Code loads CommonJS everywhere, and gives `vscode` itself. Reading one file of all the code takes 50 to 100 ms, of
 * which an editor that has just opened needs a tenth: what is imported late is in files of its own. esbuild splits ES
 * modules only, so each part becomes CommonJS after that; and it has a file for each set of modules that is shared, of
 * which those that are needed at once are put into one: a file more costs as much as 10 KB.
 */
export async function bundleExtension(outdir) {
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: { extension: 'src/extension.ts' },
    ...{ outdir, splitting: true, chunkNames: 'extension-[hash]', write: false, sourcemap: 'inline' },
    metafile: true,
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
    // What asks for it is for workers in TypeScript: no bundle has one.
    logOverride: { 'empty-import-meta': 'silent' },
    banner: {},
  })
  await mkdir(outdir, { recursive: true })
  const parts = await Promise.all(outputFiles.map(({ path, text }) => toCommonJs(path, text)))
  const atOnce = listAtOnce(metafile.outputs)
  const isLate = ({ name }) => !atOnce.includes(name)
  for (const part of parts.filter(isLate)) await writeScript(outdir, part.name, [inOne(part, atOnce)])
  const first = atOnce.map((name) => parts.find((part) => part.name === name))
  await writeScript(outdir, entryName, wrap(first))
  await bundlePages(outdir)
}

const entryName = 'extension.cjs'

async function toCommonJs(path, text) {
  const { code, map } = await transform(text, {
    ...{ format: 'cjs', platform: 'node', target: 'node20', minify: true, sourcemap: 'external' },
    // A late import is a late `require`.
    supported: { 'dynamic-import': false },
    sourcefile: path,
    logOverride: { 'empty-import-meta': 'silent' },
  })
  return { name: basename(path), code, map }
}

/** The files that the entry can't run without, itself last, each after those that it needs. */
function listAtOnce(outputs) {
  const byName = new Map(Object.entries(outputs).map(([path, { imports }]) => [basename(path), imports]))
  const listed = new Set()
  const visit = (name) => {
    for (const { path, kind } of byName.get(name) ?? []) {
      const needed = basename(path)
      if (kind === 'import-statement' && byName.has(needed) && !listed.has(needed)) visit(needed)
    }
    listed.add(name)
  }
  visit(entryName)
  return [...listed]
}

/** Asks the one file for what is in it. */
function inOne({ code, map }, atOnce) {
  const asked = code.replace(/\brequire\("\.\/(extension-\w+\.cjs)"\)/g, (all, name) =>
    atOnce.includes(name) ? `require("./${entryName}").parts["./${name}"]` : all,
  )
  return { code: asked, map }
}

/** Each runs in a function of its own; what it exports is under its name in `parts`. */
function wrap(parts) {
  const begin = { code: 'const parts={};const at=name=>parts[name]??require(name);\n' }
  return [
    begin,
    ...parts.flatMap(({ name, code, map }) => [
      { code: '(function(module,require){\n' },
      { code, map },
      { code: `})(module,at);parts["./${name}"]=module.exports;module.exports={};\n` },
    ]),
    { code: `module.exports={...parts["./${entryName}"],parts};\n` },
  ]
}

/** Its source map has a section for each part that has one. */
async function writeScript(outdir, name, parts) {
  const sections = []
  let line = 0
  for (const { code, map } of parts) {
    if (map) sections.push({ offset: { line, column: 0 }, map: JSON.parse(map) })
    line += code.split('\n').length - 1
  }
  const text = parts.map(({ code }) => code).join('')
  await writeFile(join(outdir, name), `${text}//# sourceMappingURL=${name}.map\n`)
  await writeFile(join(outdir, `${name}.map`), JSON.stringify({ version: 3, file: name, sections }))
}

/** What webviews load. */
async function bundlePages(outdir) {
  await build({
    entryPoints: [
      { in: 'src/vscode/invocation/page/main.ts', out: 'invocation' },
      { in: 'src/vscode/invocation/page/page.css', out: 'invocation' },
    ],
    ...{ outdir, bundle: true, minify: true, platform: 'browser', target: 'chrome128', format: 'iife' },
    logLevel: 'warning',
  })
}

/** Does nothing when the bundle is that of the present sources: an emulator may be running from it. */
export async function bundle() {
  const inputs = await hashInputs()
  if ((await readFile('dist/.inputs', 'utf8').catch(() => '')) === inputs) return
  await rm('dist', { recursive: true, force: true })
  await Promise.all([
    build({ ...shared, entryPoints: { cli: 'src/cli.ts' }, splitting: true, chunkNames: 'chunk-[hash]' }),
    build({
      ...shared,
      entryPoints: {
        'runner-worker': 'src/runner/worker.ts',
        debuggee: 'src/runner/debuggee.ts',
        'debug-host': 'src/debug/host/host.ts',
        'compiler-worker': 'src/build/assemblyscript-worker.ts',
        'piece-worker': 'src/content/piece/worker.ts',
        'coverage-host': 'src/cli/testing/coverage-host.ts',
      },
    }),
    bundleExtension('dist'),
  ])
  await copyFile('src/runner/kernel.wasm', 'dist/kernel.wasm')
  await copyFile('src/serve/http1/llhttp.wasm', 'dist/llhttp.wasm')
  await writeFile('dist/.inputs', inputs)
}

async function hashInputs() {
  const sources = (await readdir('src', { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort()
  const hash = createHash('sha256')
  for (const path of [...sources.map((name) => join('src', name)), 'package-lock.json', '.esbuild.mjs']) {
    hash.update(path).update(await readFile(path))
  }
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
