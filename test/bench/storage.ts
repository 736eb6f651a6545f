// Storage: adding, exporting and fetching, by clients that others wrote, beside a real Kubo where there is one.

import { randomBytes } from 'node:crypto'
import { type KuboRPCClient, create } from 'kubo-rpc-client'
import { retrieveFile } from '../../src/content/retrieval/retrieve.ts'
import { startProduct } from './load/product.ts'
import { type Figure, inTurn, median, percentile, printAgainst, round } from './measure.ts'
import { type Node, startKubo } from './storage/kubo.ts'
import { measureOpen } from './storage/open.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

interface Side extends Node {
  client: KuboRPCClient
}

export async function run(): Promise<void> {
  const product = await startProduct()
  const kubo = await startKubo()
  try {
    const { urls } = product.state
    const ours = toSide({ kubo: urls.kubo, gateway: urls.gateway, is: 'ours', stop: product.stop })
    const sides: Sides = kubo ? [ours, toSide(kubo)] : [ours]
    await measureAdd('add-100kb-ms', 100 * kibibyte, 100, sides)
    await measureAdd('add-5mib-ms', 5 * mebibyte, 20, sides)
    await measureExport('car-export-5mib-ms', 5 * mebibyte, 20, sides)
    await measureFetch('fetch-verify-100kb-ms', 100 * kibibyte, 100, sides)
    await measureFetch('fetch-verify-5mib-ms', 5 * mebibyte, 20, sides)
  } finally {
    await kubo?.stop()
    await product.stop()
  }
  await measureOpen()
}

type Sides = [ours: Side, theirs?: Side]

function toSide(node: Node): Side {
  return { ...node, client: create({ url: `${node.kubo}/api/v0` }) }
}

/** Adds and pins: new bytes each time. */
async function measureAdd(name: string, size: number, rounds: number, sides: Sides): Promise<void> {
  await compare(name, rounds, sides, ({ client }) => {
    const bytes = randomBytes(size)
    return () => client.add(bytes, { cidVersion: 1, rawLeaves: true, chunker: 'size-1048576', pin: true })
  })
}

async function measureExport(name: string, size: number, rounds: number, sides: Sides): Promise<void> {
  const cids = await addTo(sides, size)
  await compare(name, rounds, sides, (side) => async () => {
    let length = 0
    for await (const chunk of side.client.dag.export(cids.get(side) as never)) length += chunk.length
    if (length < size) throw new Error(`a CAR of ${length} bytes`)
  })
}

/** By the client that loads functions, every block verified. */
async function measureFetch(name: string, size: number, rounds: number, sides: Sides): Promise<void> {
  const cids = await addTo(sides, size)
  await compare(name, rounds, sides, (side) => async () => {
    const bytes = await retrieveFile(String(cids.get(side)), { gateways: [side.gateway], maxBytes: 2 * size })
    if (bytes.length !== size) throw new Error(`${bytes.length} bytes came`)
  })
}

async function addTo(sides: Sides, size: number): Promise<Map<Side, unknown>> {
  const bytes = randomBytes(size)
  const added = new Map<Side, unknown>()
  for (const side of sides) if (side) added.set(side, (await side.client.add(bytes, { cidVersion: 1 })).cid)
  return added
}

async function compare(
  name: string,
  rounds: number,
  [ours, theirs]: Sides,
  work: (side: Side) => () => Promise<unknown>,
): Promise<void> {
  const [mine, other] = await inTurn(rounds, () => [work(ours), theirs ? work(theirs) : nothing])
  if (theirs) return printAgainst(name, 'ms', mine, other, { peerIs: theirs.is })
  const figure: Figure = { name, value: round(median(mine)), unit: 'ms' }
  const p95 = round(percentile(mine, 0.95))
  console.log(JSON.stringify({ ...figure, p95, rounds, peerIs: 'none: no ipfs on PATH' }))
}

const nothing = async (): Promise<void> => undefined
