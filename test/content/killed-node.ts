// Adds without end until it is killed; prints each CID once its pin is acknowledged. Argument: the folder.

import { importProfiles } from '../../src/content/import.ts'
import { ContentNode } from '../../src/content/node.ts'
import { silentLog } from '../../src/base/log.ts'
import { madeBytes } from '../helpers/content.ts'

const [folder = ''] = process.argv.slice(2)
const node = new ContentNode({ folder, log: silentLog })
await node.start()
const options = { ...importProfiles['kubo-v1'], wrap: false, pin: true, pinName: '', onlyHash: false }

async function addForEver(writer: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const content = madeBytes(600_000, `${process.pid} ${writer} ${turn}`)
    for await (const { cid } of node.add([{ path: 'f', content }], options)) {
      process.stdout.write(`${cid.toString()}\n`)
    }
    if (turn % 5 === 4) await node.collect()
  }
}
await Promise.all([0, 1, 2].map(addForEver))
