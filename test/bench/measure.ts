// What every group of benchmarks needs: percentiles, and one line of JSON a figure.

export interface Figure {
  name: string
  /** Median unless the name says otherwise. */
  value: number
  unit: string
  /** The same measured on what it is compared with, in the same run. */
  peer?: number
  /** value / peer. */
  ratio?: number
  /** Whatever explains the figure: the split by step, the spread, what the peer is. */
  [detail: string]: unknown
}

export function percentile(values: number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? NaN
}

export const median = (values: number[]): number => percentile(values, 0.5)

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

/** Prints the medians of both sides and their ratio. */
export function printAgainst(
  name: string,
  unit: string,
  ours: number[],
  theirs: number[],
  details: Record<string, unknown> = {},
): void {
  const [value, peer] = [median(ours), median(theirs)]
  const figure: Figure = {
    name,
    value: round(value),
    unit,
    peer: round(peer),
    ratio: round(value / peer, 2),
    rounds: ours.length,
    p95: round(percentile(ours, 0.95)),
    peerP95: round(percentile(theirs, 0.95)),
    ...details,
  }
  console.log(JSON.stringify(figure))
}

/** Rounds that are not counted, for compilers and caches. */
const warmup = 5

/** Times of both, one after the other in each round, in milliseconds. What `works` itself does is not counted. */
export async function inTurn(
  rounds: number,
  works: (turn: number) => [() => Promise<unknown>, () => Promise<unknown>],
): Promise<[ours: number[], theirs: number[]]> {
  const times: [number[], number[]] = [[], []]
  for (let turn = 0; turn < rounds + warmup; turn++) {
    const [mine, other] = works(turn)
    const [a, b] = [await timed(mine), await timed(other)]
    if (turn < warmup) continue
    times[0].push(a)
    times[1].push(b)
  }
  return times
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
