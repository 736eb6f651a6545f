// Every reason that the contract gives for a refusal, met on a real chain; none in the source is left out.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, artifactsFolder, cid, deployContract, starknet } from '../helpers/contract.ts'

const { shortString } = starknet

type Attempt = [account: number, entrypoint: string, ...args: unknown[]]

const sha256 = 7n
const parts = (first: string): object => ({ cid_address_part1: first, cid_address_part2: '0x0' })

/** `owned` has one version and `gone` only a yanked one, both by account 0; `other` is from the old interface. */
const writes: Record<string, Attempt> = {
  'function not found': [0, 'yank', 'nobodys', 1],
  'version not found': [0, 'yank', 'owned', 2],
  'version is yanked': [0, 'set_current', 'gone', 1],
  'version is current already': [0, 'set_current', 'owned', 1],
  'not the owner': [1, 'transfer_ownership', 'owned', '0x1'],
  'not an owner or maintainer': [1, 'publish', 'owned', cid, sha256, 1, ''],
  'not the pending owner': [1, 'accept_ownership', 'owned'],
  'account is zero': [0, 'add_maintainer', 'owned', 0],
  'not a maintainer': [0, 'remove_maintainer', 'owned', '0x1'],
  'sha256 is missing': [0, 'publish', 'owned', cid, 0, 1, ''],
  'size is missing': [0, 'publish', 'owned', cid, sha256, 0, ''],
  'CID is empty': [0, 'publish', 'owned', '', sha256, 1, ''],
  'CID is too long': [0, 'publish', 'owned', 'c'.repeat(129), sha256, 1, ''],
  'source CID is too long': [0, 'publish', 'owned', cid, sha256, 1, 's'.repeat(129)],
  'CID part is too long': [0, 'add_wasm_cid', 'owned', parts(`0x07${'61'.repeat(31)}`)],
  'name is empty': [0, 'publish', 0, cid, sha256, 1, ''],
  'name is only dots': [0, 'publish', '..', cid, sha256, 1, ''],
  'name has a bad character': [0, 'publish', 'a/b', cid, sha256, 1, ''],
  'version has no sha256': [1, 'attest', 'other', 1, sha256],
  'sha256 does not match': [1, 'attest', 'owned', 1, sha256 + 1n],
  'already attested': [2, 'attest', 'owned', 1, sha256],
  // Completed below with the address that each is about.
  'already the owner': [0, 'transfer_ownership', 'owned'],
  'already a maintainer': [0, 'add_maintainer', 'owned'],
}

const reads: Record<string, string> = {
  'no current version': 'resolve',
  'CID is over 62 characters': 'get_wasm_cid',
}

describe('refusals of the registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
    const [owner, , maintainer] = chain.accounts.map(({ address }) => address)
    writes['already the owner']?.push(owner)
    writes['already a maintainer']?.push(maintainer)
    for (const name of ['owned', 'gone']) await contract.invoke(0, 'publish', name, cid, sha256, 1, '')
    await contract.invoke(0, 'publish', 'long', 'c'.repeat(63), sha256, 1, '')
    await contract.invoke(0, 'yank', 'gone', 1)
    await contract.invoke(0, 'add_wasm_cid', 'other', parts('0x516d'))
    await contract.invoke(0, 'add_maintainer', 'owned', maintainer)
    await contract.invoke(2, 'attest', 'owned', 1, sha256)
  })
  after(() => chain.stop())

  it('are all of these', async () => {
    const source = await readFile(`${artifactsFolder}/registry.cairo`, 'utf8')
    const asserts = source.match(/\bassert\(/g) ?? []
    const reasons = [...source.matchAll(/\bassert\([^;]*?'([^';]+)'\s*\);/g)].map(([, reason]) => reason)
    assert.equal(reasons.length, asserts.length, 'each assert has its reason')
    assert.deepEqual([...new Set(reasons)].sort(), [...Object.keys(writes), ...Object.keys(reads)].sort())
    assert.doesNotMatch(source, /\bpanic|\bexpect\(/)
  })

  for (const [reason, attempt] of Object.entries(writes)) {
    it(`${attempt[1]}: ${reason}`, async () => {
      assert.deepEqual(await contract.invoke(...attempt), { events: [], reverted: reason })
    })
  }

  for (const [reason, entrypoint] of Object.entries(reads)) {
    it(`${entrypoint}: ${reason}`, async () => {
      const name = entrypoint === 'resolve' ? 'gone' : 'long'
      const felt = shortString.encodeShortString(reason)
      await assert.rejects(contract.call(entrypoint, name), (error: Error) => error.message.includes(felt))
    })
  }
})
