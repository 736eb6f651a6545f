// 20 hot functions among 1,000 beside the same 20 alone, each in a process of its own; windows take turns.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, percentile, round } from './measure.ts'

const rounds = 7
const [hot, all] = [20, 1_000]

type Kind = 'rest' | 'busy'

export async function measureHot(): Promise<void> {
  const [alone, among] = [await start(hot), await start(all)]
  const taken = { alone: [] as number[][], among: [] as number[][], busy: [] as number[][] }
  try {
    // The first turn warms both.
    for (let turn = -1; turn < rounds; turn++) {
      const [a, b] = [await ask(alone, 'rest'), await ask(among, 'rest')]
      const c = await ask(among, 'busy')
      if (turn < 0) continue
      taken.alone.push(a)
      taken.among.push(b)
      taken.busy.push(c)
    }
  } finally {
    for (const child of [alone, among]) child.kill('SIGKILL')
  }
  print(taken.alone, taken.among, taken.busy)
}

async function start(count: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'load/hot.ts'), [String(count)], { serialization: 'advanced' })
  await answerOf(child)
  return child
}

async function ask(child: ChildProcess, kind: Kind): Promise<number[]> {
  child.send(kind)
  return (await answerOf(child)) as number[]
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const { signal } = over
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal }).then(([code]: unknown[]) => {
        throw new Error(`a process with a runner ended with ${String(code)}`)
      }),
    ])
  } finally {
    over.abort()
  }
}

function print(alone: number[][], among: number[][], busy: number[][]): void {
  const [a, b, c] = [p99(alone), p99(among), p99(busy)]
  const figure = {
    ...{ name: 'hot-p99-ratio', value: round(b / a, 2), unit: 'ratio of p99s', functions: all, hot },
    ...{ p99Ms: round(b, 2), aloneP99Ms: round(a, 2), p50Ms: p50(among), aloneP50Ms: p50(alone) },
    whileOthersAreCalled: {
      ratio: round(c / a, 2),
      p99Ms: round(c, 2),
      p50Ms: p50(busy),
      othersPerSecond: 10,
    },
    ...{ callsPerSecond: 1_000, rounds: alone.length, secondsEach: 3 },
    ratioByRound: alone.map((one, turn) => round(p99([among[turn] ?? []]) / p99([one]), 2)),
  }
  console.log(JSON.stringify(figure))
}

function p99(windows: number[][]): number {
  return median(windows.map((latencies) => percentile(latencies, 0.99)))
}

function p50(windows: number[][]): number {
  return round(median(windows.flat()), 2)
}
