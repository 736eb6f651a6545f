// What a window pays for the extension: from the wish to use it until it can be used.

import { median, percentile, round } from '../measure.ts'
import { type Bench, measureInHost } from './place.ts'

const windows = 7

export async function measureActivation(bench: Bench): Promise<void> {
  const workspace = await bench.newFolder()
  const { activation = [] } = await measureInHost(bench, { file: 'activation.host.ts', workspace, windows })
  const details = {
    windows,
    p95: round(percentile(activation, 0.95)),
    all: activation.map((ms) => round(ms)),
  }
  bench.print('activation-ms', median(activation), 'ms', details)
}
