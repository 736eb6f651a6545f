// Adds, pins, unpins, imports CARs, writes files and collects without end until it is killed. Argument: the folder. Prints a line
// for each thing that was acknowledged, and one before each unpin: `pinned CID`, `unpinning CID`, `unpinned CID`,
// `collected COUNT`, `wrote PATH`.

import type { CID } from 'multiformats/cid'
import { silentLog } from '../../src/base/log.ts'
import { encodeCar } from '../../src/content/car.ts'
import type { Block } from '../../src/content/dag/codecs.ts'
import { writeFile } from '../../src/content/files/operations.ts'
import { importEntries, importProfiles } from '../../src/content/import.ts'
import { ContentNode } from '../../src/content/node.ts'
import { madeBytes } from '../helpers/content.ts'

const [folder = ''] = process.argv.slice(2)
const node = new ContentNode({ folder, log: silentLog })
await node.start()
const settings = { ...importProfiles['kubo-v1'], wrap: false }
const say = (what: string, cid: CID): void => void process.stdout.write(`${what} ${cid.toString()}\n`)

/** Four blocks, the first of them the same in all. */
function content(seed: string): AsyncGenerator<Uint8Array> {
  return (async function* () {
    yield madeBytes(262_144, 'shared')
    yield madeBytes(300_000, `${process.pid} ${seed}`)
  })()
}

async function add(seed: string): Promise<CID | undefined> {
  const options = { ...settings, pin: true, pinName: seed, onlyHash: false }
  for await (const { cid } of node.add([{ path: 'f', content: content(seed) }], options)) {
    say('pinned', cid)
    return cid
  }
  return undefined
}

async function unpin(cid: CID): Promise<void> {
  say('unpinning', cid)
  await node.pins.remove(cid)
  say('unpinned', cid)
}

async function addForEver(writer: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const cid = await add(`${writer} ${turn}`)
    if (cid && turn % 3 === 2) await unpin(cid)
  }
}

/** The new pin is on disk before the old one goes. */
async function updateForEver(): Promise<void> {
  let old = await add('update')
  for (let turn = 0; ; turn++) {
    const next = await add(`update ${turn}`)
    if (!old || !next) continue
    await node.pin(next, 'recursive', 'updated')
    await unpin(old)
    old = next
  }
}

async function importForEver(): Promise<void> {
  for (let turn = 0; ; turn++) {
    const blocks: Block[] = []
    const put = async (block: Block): Promise<void> => void blocks.push(block)
    let root: CID | undefined
    for await (const { cid } of importEntries(
      [{ path: 'f', content: content(`car ${turn}`) }],
      put,
      settings,
    )) {
      root = cid
    }
    if (!root) continue
    const { roots } = await node.importCar(encodeCar([root], blocks), true)
    for (const { cid, failure } of roots) if (failure === undefined) say('pinned', cid)
  }
}

async function writeForEver(): Promise<void> {
  for (let turn = 0; ; turn++) {
    const path = `/d${turn % 4}/${process.pid}-${turn}`
    await node.files.change(writeFile(path, [Buffer.from(path)], { create: true, parents: 0 }))
    process.stdout.write(`wrote ${path}\n`)
  }
}

async function collectForEver(): Promise<void> {
  for (;;) process.stdout.write(`collected ${(await node.collect()).length}\n`)
}

const adding = [addForEver(0), addForEver(1), updateForEver(), importForEver()]
await Promise.all([...adding, writeForEver(), collectForEver()])
