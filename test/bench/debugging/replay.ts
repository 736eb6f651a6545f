// A replay beside the call that was recorded: all that whoever asks waits for, against the time of the function itself.

import { ControlClient } from '../../../src/client/control.ts'
import { compileC } from '../../helpers/plugins.ts'
import { startProduct } from '../load/product.ts'
import { median, percentile, round } from '../measure.ts'

const rounds = 15

/** Times around a loop, which take some 0.1 to 300 ms here. */
const loops = [50_000, 2_000_000, 20_000_000, 200_000_000]

export async function measureReplay(): Promise<void> {
  const bytes = await compileC(`
WASI(clock_time_get) u32 clock_time_get(u32, u64, u64 *);
EXPORT(work) int work(void) { u64 n = 0; for (u64 i = 0; i < host_input_length(); i++) n = n * 10 + host_input_load_u8(i) - '0';
  u32 x = 1; u64 now; for (u64 i = 0; i < n; i++) { x = x * 1664525u + 1013904223u; if (i % 100000 == 0) clock_time_get(0, 1, &now); }
  char s[2] = { 'a' + x % 26, 0 }; say(s); return 0; }
`)
  const product = await startProduct({ work: { bytes, timeoutMs: 60_000 } })
  try {
    const client = new ControlClient(product.state)
    const taken: { ownMs: number; replayMs: number }[][] = []
    for (const loop of loops) taken.push(await measureCall(client, `${loop}`))
    print(taken)
  } finally {
    await product.stop()
  }
}

async function measureCall(
  client: ControlClient,
  input: string,
): Promise<{ ownMs: number; replayMs: number }[]> {
  const base64 = Buffer.from(input).toString('base64')
  const taken: { ownMs: number; replayMs: number }[] = []
  for (let turn = 0; turn <= rounds; turn++) {
    const { receipt, durationMs = NaN } = await client.stream('invoke', { target: 'work', base64 }, {})
    const from = performance.now()
    const { same } = await client.stream('replay', { receipt }, {})
    if (!same) throw new Error(`the replay of ${input} was not the same`)
    // The first turn compiles.
    if (turn > 0) taken.push({ ownMs: durationMs, replayMs: performance.now() - from })
  }
  return taken
}

function print(taken: { ownMs: number; replayMs: number }[][]): void {
  const calls = taken.map((all) => {
    const [ownMs, replayMs] = [
      median(all.map((each) => each.ownMs)),
      median(all.map((each) => each.replayMs)),
    ]
    const ofLimit = all.map((each) => each.replayMs / (2 * each.ownMs + 20))
    return {
      ...{ ownMs: round(ownMs, 2), replayMs: round(replayMs, 2), ratio: round(replayMs / ownMs, 2) },
      ...{ ofLimit: round(median(ofLimit), 2), ofLimitP95: round(percentile(ofLimit, 0.95), 2) },
    }
  })
  const figure = {
    ...{ name: 'replay-ratio', value: calls.at(-1)?.ratio ?? NaN, unit: 'of the time of the call' },
    // The limit is twice the own time and 20 ms.
    ...{ calls, rounds, limit: '2 x own + 20 ms' },
  }
  console.log(JSON.stringify(figure))
}
