// The first call of a module that lies in a file when there is no thread, and what an instance alone costs.

import { randomFillSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createPlugin from '@extism/extism'
import type { Host } from '../../src/runner/guest/extism.ts'
import { HostCalls } from '../../src/runner/guest/calls/host-calls.ts'
import { Logs } from '../../src/runner/guest/logs.ts'
import { Plugin } from '../../src/runner/guest/plugin.ts'
import { Vars } from '../../src/runner/guest/vars.ts'
import { type Language, compileEcho, languages, vary } from './load/modules.ts'
import { callEcho, createRunner, options } from './load/run.ts'
import { median, percentile, round } from './measure.ts'

const turns = 20
const instances = 200
const input = Buffer.from('wasmate-runtime')

export async function measureCold(): Promise<void> {
  const cold: Partial<Record<Language, Spread>> = {}
  const instantiate: Partial<Record<Language, Spread>> = {}
  const peers: Partial<Record<Language, number>> = {}
  for (const language of languages) {
    const bytes = await compileEcho(language)
    cold[language] = spread(await repeat(turns, (turn) => callCold(vary(bytes, turn))))
    const module = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)
    const kernel = await compileKernel()
    instantiate[language] = spread(await repeat(instances, async () => timeInstance(module, kernel)))
    peers[language] = round(median(await repeat(instances, () => timePeer(module))), 3)
  }
  print('cold-ms', { value: cold.as?.p50, unit: 'ms', ...cold, turns })
  const [value = NaN, peer = NaN] = [instantiate.as?.p50, peers.as]
  const figure = { value, unit: 'ms', peer, ratio: round(value / peer, 2), ...instantiate, peers }
  print('instantiate-ms', { ...figure, peerIs: '@extism/extism from a compiled module' })
}

interface Spread {
  p50: number
  p95: number
}

function spread(values: number[]): Spread {
  return { p50: round(median(values), 3), p95: round(percentile(values, 0.95), 3) }
}

async function repeat(count: number, work: (turn: number) => Promise<number>): Promise<number[]> {
  const taken: number[] = []
  for (let turn = 0; turn < count; turn++) taken.push(await work(turn))
  return taken
}

/** Read, compiled, a thread started, instantiated, called: what the first caller waits for. */
async function callCold(bytes: Uint8Array): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  const path = join(folder, 'module.wasm')
  await writeFile(path, bytes)
  const runner = createRunner()
  try {
    const from = performance.now()
    await runner.load('cold', await readFile(path), options)
    await callEcho(runner, 'cold', input)
    return performance.now() - from
  } finally {
    await runner.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function compileKernel(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(new URL('../../src/runner/kernel.wasm', import.meta.url)))
}

/** Start-up code of the language included. */
function timeInstance(module: WebAssembly.Module, kernel: WebAssembly.Module): number {
  const host = createHost()
  const from = performance.now()
  new Plugin(module, kernel, host)
  return performance.now() - from
}

async function timePeer(module: WebAssembly.Module): Promise<number> {
  const from = performance.now()
  const plugin = await createPlugin({ wasm: [{ module }] }, { useWasi: true })
  const ms = performance.now() - from
  await plugin.close()
  return ms
}

function createHost(): Host {
  return {
    ...{ config: {}, allowedHosts: [], maxMemoryBytes: options.maxMemoryBytes, functions: {}, folders: [] },
    ...{ vars: new Vars(), logs: new Logs(), calls: new HostCalls() },
    sleep: () => undefined,
    request: () => ({ status: 0, headers: {}, body: new Uint8Array() }),
    clock: () => process.hrtime.bigint(),
    random: (bytes) => void randomFillSync(bytes),
  }
}

function print(name: string, figure: object): void {
  console.log(JSON.stringify({ name, ...figure }))
}
