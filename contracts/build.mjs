// contracts/registry.cairo -> Sierra, ABI, its TypeScript types, CASM, and the hashes the client needs.
// `--check` writes nothing and names each committed file that is not what the source gives.
//
// Cairo comes from wasm-cairo; CASM from starknet-sierra-compile (`cargo install starknet-sierra-compile
// --version 2.8.4`), on PATH or named by STARKNET_SIERRA_COMPILE. Without it the CASM stays as long as the
// Sierra is the one it was made from. The day this moves to Scarb: `scarb build` takes the place of
// compileCairo and compileCasm, and the felt is no longer mended.

import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { hash } from 'starknet'
import initCairo, { compileStarknetContract } from 'wasm-cairo'

const run = promisify(execFile)
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const paths = {
  source: 'contracts/registry.cairo',
  sierra: 'contracts/registry.sierra.json',
  casm: 'contracts/registry.casm.json',
  abi: 'contracts/registry.abi.json',
  types: 'src/registry/abi.ts',
  facts: 'contracts/registry.json',
}
const sierraCompiler = 'starknet-sierra-compile'

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build(process.argv.includes('--check'))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

async function build(check) {
  const { files, note } = await makeArtifacts()
  console.log(note)
  if (check) await assertSame(files)
  else await write(files)
}

/** What the committed source gives: text by path. `note` says where the CASM is from. */
export async function makeArtifacts() {
  const contract = await compileCairo()
  const sierra = JSON.stringify(contract)
  const casm = await makeCasm(sierra)
  const files = {
    [paths.sierra]: `${sierra}\n`,
    [paths.casm]: casm.text,
    [paths.abi]: `${JSON.stringify(contract.abi, undefined, 2)}\n`,
    [paths.types]: formatTypes(contract.abi),
    [paths.facts]: formatFacts(contract, JSON.parse(casm.text)),
  }
  return { files, note: casm.note }
}

/** Paths of the committed files that are not what was made. */
export async function findDifferent(files) {
  const different = []
  for (const [path, text] of Object.entries(files)) {
    if ((await readCommitted(path)) !== text) different.push(path)
  }
  return different
}

async function compileCairo() {
  const wasm = createRequire(import.meta.url)
    .resolve('wasm-cairo')
    .replace(/\.js$/, '_bg.wasm')
  // Its memory grows by one page at a time, to a gigabyte; at each V8 would set its threads to mark the whole heap.
  setFlagsFromString('--no-concurrent-marking')
  await initCairo({ module_or_path: await readFile(wasm) })
  const output = compileStarknetContract(await readFile(join(root, paths.source), 'utf8'), true, true)
  if (!output.startsWith('{')) {
    throw new Error(
      `${paths.source} does not compile, and wasm-cairo does not say why (${output.trim()}). ` +
        'Diagnostics: cargo install starknet-compile --version 2.8.4, then starknet-compile --single-file.',
    )
  }
  const { sierra_program, contract_class_version, entry_points_by_type, abi } = JSON.parse(output)
  return { sierra_program: sierra_program.map(mendFelt), contract_class_version, entry_points_by_type, abi }
}

// wasm-cairo is built for 32 bits and writes usize::MAX, which stands for the fall-through branch, too short.
function mendFelt(felt) {
  return felt === '0xffffffff' ? '0xffffffffffffffff' : felt
}

async function makeCasm(sierra) {
  const compiler = process.env.STARKNET_SIERRA_COMPILE || sierraCompiler
  const text = await compileCasm(compiler, sierra)
  if (text !== undefined) return { text, note: `CASM made by ${compiler}` }
  const [committed, kept] = await Promise.all([readCommitted(paths.sierra), readCommitted(paths.casm)])
  if (kept === undefined || committed?.trim() !== sierra) {
    throw new Error(
      `The Sierra has changed and ${compiler} is not there to make its CASM: ` +
        `cargo install ${sierraCompiler} --version 2.8.4, then run this again.`,
    )
  }
  return { text: kept, note: `${compiler} is not there: the CASM is kept, because the Sierra is unchanged` }
}

async function compileCasm(compiler, sierra) {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-contracts-'))
  try {
    const input = join(folder, 'sierra.json')
    const output = join(folder, 'casm.json')
    await writeFile(input, sierra)
    await run(compiler, [input, output])
    return `${JSON.stringify(JSON.parse(await readFile(output, 'utf8')))}\n`
  } catch (error) {
    if (error.code === 'ENOENT' && error.syscall?.startsWith('spawn')) return undefined
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// One line an entry, so that a change of the contract reads as a change of lines.
function formatTypes(abi) {
  return [
    `// The ABI of ${paths.source}, for types. Written by contracts/build.mjs: run \`npm run contracts\`.`,
    '',
    '// prettier-ignore',
    'export const registryAbi = [',
    ...abi.map((entry) => `  ${JSON.stringify(entry)},`),
    '] as const',
    '',
  ].join('\n')
}

// The address is the same on every chain: deployed by the UDC with salt 1, not unique, no arguments.
function formatFacts(contract, casm) {
  const classHash = hash.computeContractClassHash(contract)
  const facts = {
    classHash,
    compiledClassHash: hash.computeCompiledClassHashBlake(casm),
    address: hash.calculateContractAddressFromHash('0x1', classHash, [], 0),
    compilers: {
      cairo: `wasm-cairo ${wasmCairoVersion()}`,
      casm: `${sierraCompiler} ${casm.compiler_version}`,
    },
  }
  return `${JSON.stringify(facts, undefined, 2)}\n`
}

function wasmCairoVersion() {
  return createRequire(import.meta.url)('wasm-cairo/package.json').version
}

async function assertSame(files) {
  const different = await findDifferent(files)
  if (different.length > 0) {
    throw new Error(`Not what the source gives: ${different.join(', ')}. Run \`npm run contracts\`.`)
  }
  console.log('All artefacts are what the source gives')
}

async function write(files) {
  for (const [path, text] of Object.entries(files)) {
    await writeFile(join(root, path), text)
    console.log(`${path}: ${text.length} bytes`)
  }
}

async function readCommitted(path) {
  try {
    return await readFile(join(root, path), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
