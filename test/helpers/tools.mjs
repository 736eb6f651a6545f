// What the tests need beside npm packages: starknet-devnet, a C compiler for wasm32, Go for one plugin.
// Found where it is, else made: the devnet by the product's own way, clang from the system's packages.

import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** Gives the environment variables that tests read; throws with what to install when something can't be had. */
export async function prepareTools() {
  return { WASMATE_TEST_DEVNET: findDevnet(), WASMATE_TEST_CLANG: findClang() }
}

function findDevnet() {
  const named = process.env.WASMATE_TEST_DEVNET
  if (named) return named
  const args = [cli, 'doctor', '--fetch-devnet', '--json']
  const { status, stdout } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  const answer = stdout ? JSON.parse(stdout.trim().split('\n').at(-1)) : {}
  if (status !== 0 || !answer.devnet?.path)
    throw new Error(`no starknet-devnet: ${JSON.stringify(answer.error ?? answer)}`)
  return answer.devnet.path
}

function findClang() {
  if (!hasClang()) installClang()
  if (!hasClang())
    throw new Error('no clang with wasm-ld: install clang and lld (Debian: apt-get install clang lld)')
  return 'clang'
}

function hasClang() {
  const targets = spawnSync('clang', ['--print-targets'], { encoding: 'utf8' })
  const linker = spawnSync('wasm-ld', ['--version'])
  return targets.stdout?.includes('wasm32') && linker.status === 0
}

/** Only where it asks nobody: root on a Debian. Elsewhere the person installs it. */
function installClang() {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return
  console.error('installing clang and lld for the tests')
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  execFileSync('apt-get', ['update', '-qq'], quiet)
  const packages = ['clang', 'lld', 'wasi-libc', 'libclang-rt-14-dev-wasm32']
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet)
}
