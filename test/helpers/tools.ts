// What tests and benchmarks need beside npm packages: starknet-devnet, a C compiler for wasm32, Go for one plugin.
// Found where it is, else made: the devnet by the product's own way, the compilers from the system's packages.

import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { devnetVersion } from '../../src/devnet/binary.ts'

const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** Gives the environment variables that tests read; throws with what to install when something can't be had. */
export function prepareTools(): Record<string, string> {
  const devnet = findDevnet()
  requireTool('clang with wasm-ld', hasClang, ['clang', 'lld', 'wasi-libc', 'libclang-rt-14-dev-wasm32'])
  requireTool('go', hasGo, ['golang-go'])
  return { WASMATE_TEST_DEVNET: devnet }
}

function findDevnet(): string {
  const named = process.env['WASMATE_TEST_DEVNET']
  if (named) return named
  const { status, stdout } = spawnSync(process.execPath, [cli, 'doctor', '--fetch-devnet', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  const answer = JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as {
    devnet?: { path: string }
    error?: object
  }
  if (status === 0 && answer.devnet) return answer.devnet.path
  throw new Error(`no starknet-devnet ${devnetVersion}: ${JSON.stringify(answer.error ?? answer)}`)
}

function hasClang(): boolean {
  const targets = spawnSync('clang', ['--print-targets'], { encoding: 'utf8' })
  return (
    targets.status === 0 &&
    targets.stdout.includes('wasm32') &&
    spawnSync('wasm-ld', ['--version']).status === 0
  )
}

function hasGo(): boolean {
  return spawnSync('go', ['version']).status === 0
}

/** Installs only where that asks nobody: root on a Debian. Elsewhere the person does it. */
function requireTool(name: string, isThere: () => boolean, packages: string[]): void {
  if (isThere()) return
  const install = `apt-get install ${packages.join(' ')}`
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    console.error(`the tests need ${name}: ${install}`)
    execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'] })
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
    execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  if (!isThere()) throw new Error(`the tests need ${name}; on Debian: ${install}`)
}
