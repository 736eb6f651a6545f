// A node under orders, for a process whose room is limited from outside. Argument: the folder. Each line of input is
// `add SEED BYTES`, `import SEED BYTES`, `drop CID`, `collect` or `verify`; each answer is one line of JSON.

import { createInterface } from 'node:readline'
import type { CID } from 'multiformats/cid'
import { toWasmateError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { encodeCar } from '../../src/content/car.ts'
import type { Block } from '../../src/content/dag/codecs.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { importEntries, importProfiles } from '../../src/content/import.ts'
import { ContentNode } from '../../src/content/node.ts'
import { verifyPins } from '../../src/content/verify.ts'
import { madeBytes } from '../helpers/content.ts'

const [folder = ''] = process.argv.slice(2)
const node = new ContentNode({ folder, log: silentLog })
const settings = { ...importProfiles['kubo-v1'], wrap: false }

async function add(seed: string, bytes: number): Promise<string> {
  const options = { ...settings, pin: true, pinName: seed, onlyHash: false }
  let root = ''
  for await (const { cid } of node.add([{ path: 'f', content: madeBytes(bytes, seed) }], options)) {
    root = cid.toString()
  }
  return root
}

async function importCar(seed: string, bytes: number): Promise<string> {
  const blocks: Block[] = []
  const put = async (block: Block): Promise<void> => void blocks.push(block)
  let root: CID | undefined
  for await (const { cid } of importEntries(
    [{ path: 'f', content: madeBytes(bytes, seed) }],
    put,
    settings,
  )) {
    root = cid
  }
  const { roots } = await node.importCar(encodeCar(root ? [root] : [], blocks), true)
  for (const { failure } of roots) if (failure) throw toWasmateError(failure)
  return String(root)
}

async function verify(): Promise<{ pins: number; bad: number; blocks: number }> {
  let bad = 0
  for await (const pin of verifyPins(node, node.pins.all())) bad += pin.bad.length
  let blocks = 0
  for await (const cid of node.blocks.list()) blocks += (await node.get(cid)).length > 0 ? 1 : 0
  return { pins: node.pins.all().length, bad, blocks }
}

async function obey([what, first = '', second = '']: string[]): Promise<unknown> {
  if (what === 'add') return add(first, Number(second))
  if (what === 'import') return importCar(first, Number(second))
  if (what === 'drop') return node.pins.remove(parseCid(first))
  if (what === 'collect') return (await node.collect()).length
  return verify()
}

await node.start()
process.stdout.write('"started"\n')
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(line.split(' ')).catch((error: unknown) => {
    const { code, next, message } = toWasmateError(error)
    return { code, next, message }
  })
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await node.stop()
