// What a call costs inside the worker thread, beside Extism's SDK for JavaScript in the foreground.

import createPlugin from '@extism/extism'
import { callEcho, createRunner } from './load/run.ts'
import { type Language, compileEcho, languages } from './load/modules.ts'
import { median, percentile, round } from './measure.ts'

const rounds = 5
const sizes = { '15b': { bytes: 15, calls: 4_096 }, '64kb': { bytes: 65_536, calls: 128 } } as const
const batch = 64

type Size = (typeof sizes)[keyof typeof sizes]
type Measure = (calls: number) => Promise<number[]>

interface Measured {
  run: Measure
  stop(): Promise<unknown>
}

export async function measureCalls(): Promise<void> {
  for (const [name, size] of Object.entries(sizes)) {
    const found: Partial<Record<Language, Compared>> = {}
    for (const language of languages) found[language] = await compareEcho(await compileEcho(language), size)
    const { c, as, go } = found as Record<Language, Compared>
    const figure = { name: `call-${name}-us`, value: as.us, unit: 'us', peer: as.peerUs, ratio: as.ratio }
    const peerIs = '@extism/extism in the foreground, with reset()'
    console.log(JSON.stringify({ ...figure, c, as, go, calls: rounds * size.calls, peerIs }))
  }
}

interface Compared {
  us: number
  p95Us: number
  /** Of the whole way through pool and thread and back, 64 calls at a time, by the wall clock. */
  wayUs: number
  peerUs: number
  ratio: number
}

async function compareEcho(bytes: Uint8Array, { bytes: length, calls }: Size): Promise<Compared> {
  const input = new Uint8Array(length).map((_, at) => 32 + (at % 90))
  const [ours, theirs] = [await measureOurs(bytes, input), await measurePeer(bytes, input)]
  const [mine, ways, peers]: [number[], number[], number[]] = [[], [], []]
  try {
    // The first turn lets both compilers finish.
    for (let turn = -1; turn < rounds; turn++) {
      const from = performance.now()
      const a = await ours.run(calls)
      const wayMs = performance.now() - from
      const b = await theirs.run(calls)
      if (turn < 0) continue
      mine.push(...a)
      ways.push((wayMs * 1000) / calls)
      peers.push(...b)
    }
  } finally {
    await ours.stop()
    await theirs.stop()
  }
  const [us, peerUs] = [median(mine), median(peers)]
  return {
    ...{ us: round(us, 2), p95Us: round(percentile(mine, 0.95), 2), wayUs: round(median(ways), 2) },
    ...{ peerUs: round(peerUs, 2), ratio: round(us / peerUs, 3) },
  }
}

/** The worker's own clock: from the input in its hands to the output in them. */
async function measureOurs(bytes: Uint8Array, input: Uint8Array): Promise<Measured> {
  const runner = createRunner()
  await runner.load('echo', bytes, { timeoutMs: 5_000, maxMemoryBytes: 128 * 1024 * 1024 })
  const run: Measure = async (calls) => {
    const took: number[] = []
    while (took.length < calls) {
      const answers = await Promise.all(Array.from({ length: batch }, () => callEcho(runner, 'echo', input)))
      for (const { output, durationMs } of answers) {
        if (!Buffer.from(input).equals(output)) throw new Error('the echo is another')
        took.push(durationMs * 1000)
      }
    }
    return took
  }
  return { run, stop: () => runner.stop() }
}

async function measurePeer(bytes: Uint8Array, input: Uint8Array): Promise<Measured> {
  const plugin = await createPlugin({ wasm: [{ data: new Uint8Array(bytes) }] }, { useWasi: true })
  const run: Measure = async (calls) => {
    const took: number[] = []
    for (let call = 0; call < calls; call++) {
      const from = performance.now()
      // Without it the SDK runs out of blocks.
      await plugin.reset()
      await plugin.call('echo', input)
      took.push((performance.now() - from) * 1000)
    }
    return took
  }
  return { run, stop: () => plugin.close() }
}
