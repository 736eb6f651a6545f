// Run as a process of its own: holds a chain in the folder given, and says each write that was acknowledged.

import { Devnet } from '../../src/devnet/devnet.ts'
import { devnetPath } from '../helpers/devnet.ts'

const devnet = new Devnet({ binary: devnetPath, folder: process.argv[2] ?? '', seed: 42, accounts: 2 })
await devnet.start()
console.log(`child ${devnet.state.process?.pid}`)
for (let count = 1; ; count++) {
  await devnet.call('devnet_mint', { address: '0x5', amount: 1 })
  console.log(`acknowledged ${count}`)
}
