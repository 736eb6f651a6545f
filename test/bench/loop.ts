// The loop beside what people know: `wrangler dev` for the edit-run cycle and the start, starknet.js as it comes
// for a write, starknet-devnet alone for the chain.

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePort } from '../../src/base/ports.ts'
import { devnetPath } from '../helpers/devnet.ts'
import { until } from '../helpers/until.ts'
import { type Running, chainIs, up } from '../helpers/wasmate.ts'
import { median, printAgainst, round } from './measure.ts'
import { measureRegister } from './register.ts'
import { type Wrangler, installWrangler, startWrangler, workerSource } from './wrangler.ts'

const saves = 30
const starts = 5

export async function run(): Promise<void> {
  const wrangler = await installWrangler()
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  try {
    await measureSaves(wrangler, folder)
    await measureRegister()
    await measureEmbedded(wrangler, folder)
    await measureUp(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Saves on both sides in turn; the time runs from the write to the first answer with the new words in it. */
async function measureSaves(binary: string, folder: string): Promise<void> {
  const peer = await startWrangler(binary, join(folder, 'peer'))
  const ours = await startOurs(join(folder, 'ours'))
  const [mine, theirs]: [number[], number[]] = [[], []]
  try {
    for (let turn = -3; turn < saves; turn++) {
      const [a, b] = [await saveOurs(ours, folder, turn), await saveTheirs(peer, turn)]
      // The first turns warm the compilers of both.
      if (turn >= 0) {
        mine.push(a)
        theirs.push(b)
      }
    }
    printAgainst('save-to-answer-ms', 'ms', mine, theirs, { split: splitOf(ours), peerIs: 'wrangler dev' })
  } finally {
    await ours.stop()
    await peer.stop()
  }
}

async function startOurs(cwd: string): Promise<Running> {
  await mkdir(cwd, { recursive: true })
  const running = await up({ cwd, args: ['--sample', 'hello', '--watch', '--json'] })
  await chainIs(running.state, 'ready')
  await until(async () => (await callOurs(running)).includes('Hello'), 'the sample')
  return running
}

async function saveOurs(running: Running, folder: string, turn: number): Promise<number> {
  const entry = join(folder, 'ours', 'hello', 'index.ts')
  const source = await readFile(entry, 'utf8')
  const words = `Turn ${turn}`
  const next = source.replace(/Hello|Turn -?\d+/, words)
  const from = performance.now()
  await writeFile(entry, next)
  await until(async () => (await callOurs(running)).includes(words), words)
  return performance.now() - from
}

async function callOurs({ state }: Running): Promise<string> {
  const response = await fetch(`${state.urls.functions}/functions/hello`, { method: 'POST', body: 'x' })
  return response.text()
}

async function saveTheirs({ url, entry }: Wrangler, turn: number): Promise<number> {
  const words = `Turn ${turn} `
  const from = performance.now()
  await writeFile(entry, workerSource(words))
  await until(
    async () => (await (await fetch(url, { method: 'POST', body: 'x' })).text()).includes(words),
    words,
  )
  return performance.now() - from
}

/** Median of each step, as the loop itself reports them. */
function splitOf(running: Running): Record<string, number> {
  const byStep = new Map<string, number[]>()
  for (const { step, ms } of running.json()) {
    if (typeof step !== 'string' || typeof ms !== 'number') continue
    byStep.set(step, [...(byStep.get(step) ?? []), ms])
  }
  return Object.fromEntries([...byStep].map(([step, values]) => [step, round(median(values.slice(-saves)))]))
}

/** From the start of the process to an answer of everything that needs no chain. */
async function measureEmbedded(binary: string, folder: string): Promise<void> {
  const [mine, theirs]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < starts; turn++) {
    mine.push(await timed(() => startAndStop(join(folder, `embedded-${turn}`), 'embedded')))
    theirs.push(
      await timed(async () => {
        const peer = await startWrangler(binary, join(folder, `peer-${turn}`))
        return () => peer.stop()
      }),
    )
  }
  printAgainst('up-embedded-ms', 'ms', mine, theirs, { peerIs: 'wrangler dev to its first answer' })
}

/** From the start of the process to a registry that takes registrations; the peer is devnet as it comes, alone. */
export async function measureUp(folder: string): Promise<void> {
  const [mine, theirs, same]: [number[], number[], number[]] = [[], [], []]
  for (let turn = 0; turn < starts; turn++) {
    mine.push(await timed(() => startAndStop(join(folder, `up-${turn}`), 'ready')))
    theirs.push(await timed(() => startDevnet([])))
    same.push(await timed(() => startDevnet(['--accounts', '1', '--seed', '42'])))
  }
  const peerWithOurFlags = round(median(same))
  printAgainst('up-ms', 'ms', mine, theirs, { peerIs: 'starknet-devnet with its defaults', peerWithOurFlags })
}

/** Times the work and then undoes it, which is not timed. */
async function timed(work: () => Promise<() => Promise<unknown>>): Promise<number> {
  const from = performance.now()
  const undo = await work()
  const ms = performance.now() - from
  await undo()
  return ms
}

async function startAndStop(cwd: string, wanted: 'embedded' | 'ready'): Promise<() => Promise<unknown>> {
  await mkdir(cwd, { recursive: true })
  const running = await up({ cwd })
  const answers = await fetch(`${running.state.urls.functions}/functions`)
  if (!answers.ok) throw new Error(`functions answered ${answers.status}`)
  if (wanted === 'ready') await chainIs(running.state, 'ready')
  return running.stop
}

async function startDevnet(flags: string[]): Promise<() => Promise<unknown>> {
  const { port } = await choosePort(0)
  const child = spawn(await devnetPath(), ['--port', String(port), ...flags], { stdio: 'ignore' })
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'starknet_specVersion' })
  const headers = { 'content-type': 'application/json' }
  await until(
    async () => (await fetch(`http://127.0.0.1:${port}/rpc`, { method: 'POST', headers, body })).ok,
    'devnet',
  )
  return async () => child.kill('SIGKILL')
}
