// dag/stat: how many blocks and bytes are under roots, and how much of that they share.

import { isIdentity } from '../../../content/dag/codecs.ts'
import { walkDag } from '../../../content/dag/walk.ts'
import { type Answer, type Call, type Endpoints, resolveCid } from '../endpoint.ts'

export const dagStatEndpoints: Endpoints = {
  'dag/stat': async (call): Promise<Answer> => ({ lines: statDags(call) }),
}

interface DagStat {
  Cid: string
  Size: number
  NumBlocks: number
}

/** The last line is the sum; those before tell how far it is, unless `progress` is false. */
async function* statDags(call: Call): AsyncGenerator<unknown> {
  const { node, query, signal, show } = call
  const stats: DagStat[] = []
  const sizes = new Map<string, number>()
  let unique = 0
  for (const path of query.paths()) {
    const root = await resolveCid(node, path)
    const stat = { Cid: show(root), Size: 0, NumBlocks: 0 }
    stats.push(stat)
    for await (const { cid, bytes } of walkDag(node, root, { signal })) {
      const size = isIdentity(cid) ? 0 : bytes.length
      stat.Size += size
      stat.NumBlocks += 1
      if (!sizes.has(cid.toString())) unique += size
      sizes.set(cid.toString(), size)
      if (query.flag('progress', true)) yield { TotalSize: unique, DagStats: stats }
    }
  }
  const total = stats.reduce((sum, { Size }) => sum + Size, 0)
  yield summarize(stats, sizes.size, total, unique)
}

function summarize(stats: DagStat[], blocks: number, total: number, unique: number): unknown {
  return {
    UniqueBlocks: blocks,
    TotalSize: unique,
    ...(total > unique ? { SharedSize: total - unique } : {}),
    // A single-precision number in Kubo.
    Ratio: unique > 0 ? Number(Math.fround(total / unique).toPrecision(8)) : 1,
    DagStats: stats,
  }
}
