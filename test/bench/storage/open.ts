// How long a node takes to open a store of a hundred thousand blocks, and to give one of them.

import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { silentLog } from '../../../src/base/log.ts'
import { type Block, codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { ContentNode } from '../../../src/content/node.ts'
import { median, percentile, round } from '../measure.ts'

const count = 100_000
const rounds = 10

export async function measureOpen(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  try {
    const some = await fill(folder)
    const times: number[] = []
    for (let turn = 0; turn < rounds; turn++) {
      const node = new ContentNode({ folder, log: silentLog })
      const from = performance.now()
      await node.start()
      await node.get(some.cid)
      times.push(performance.now() - from)
      await node.stop()
    }
    const figure = { name: 'open-100k-blocks-ms', value: round(median(times)), unit: 'ms' }
    console.log(JSON.stringify({ ...figure, p95: round(percentile(times, 0.95)), rounds, blocks: count }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes block files as the node does, without its care for power cuts, which would take minutes. */
async function fill(folder: string): Promise<Block> {
  const node = new ContentNode({ folder, log: silentLog })
  await node.start()
  const blockAt = (index: number): Block => makeBlock(Buffer.from(`block ${index}`), codecOf('raw'))
  const first = blockAt(0)
  await node.putBlock(first, 'recursive')
  const made = new Set<string>()
  for (let index = 1; index < count; index++) {
    const { cid, bytes } = blockAt(index)
    const path = node.blocks.pathOf(cid)
    if (!made.has(dirname(path))) await mkdir(dirname(path), { recursive: true })
    made.add(dirname(path))
    await writeFile(path, bytes)
  }
  await node.stop()
  return first
}
