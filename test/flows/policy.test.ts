// What a policy lets run, asked of a real registry with three accounts.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPolicy } from '../../src/flows/policy.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, starknet } from '../helpers/contract.ts'

const sha256 = 7n

let chain: Chain
let contract: TestContract

before(async () => {
  chain = await startChain()
  contract = await deployContract(chain)
})

after(() => chain.stop())

const addresses = (): string[] => chain.accounts.map(({ address }) => address)

function counted(): { asked: number; hasAttested: (n: string, v: number, by: string) => Promise<boolean> } {
  const registry = {
    asked: 0,
    hasAttested: async (name: string, version: number, verifier: string): Promise<boolean> => {
      registry.asked++
      const short = starknet.shortString.encodeShortString(name)
      return Boolean(await contract.call('has_attested', short, version, verifier))
    },
  }
  return registry
}

async function publish(name: string, attestedBy: number[]): Promise<void> {
  const short = starknet.shortString.encodeShortString(name)
  await contract.invoke(0, 'publish', short, cid, starknet.cairo.uint256(sha256), 10, '')
  for (const account of attestedBy) await attest(name, account)
}

async function attest(name: string, account: number): Promise<void> {
  const short = starknet.shortString.encodeShortString(name)
  await contract.invoke(account, 'attest', short, 1, starknet.cairo.uint256(sha256))
}

test('what was there before the chain was cut back is asked for again', async () => {
  let isThere = true
  const policy = createPolicy({ verifiers: addresses() }, { hasAttested: async () => isThere })
  await policy.check('cut', 1, cid)
  isThere = false
  await policy.check('cut', 1, cid)
  policy.forget()
  await assert.rejects(policy.check('cut', 1, cid), { code: 'NOT_ATTESTED' })
})

test('without verifiers everything passes, and nobody is asked', async () => {
  const registry = counted()
  await createPolicy({ verifiers: [] }, registry).check('nobody-has-it', 1, cid)
  await createPolicy({ verifiers: addresses(), quorum: 0 }, registry).check('nobody-has-it', 1, cid)
  assert.equal(registry.asked, 0)
})

test('by default every verifier has to have attested; who has not is named', async () => {
  await publish('all', [1])
  const [, one = '', two = ''] = addresses()
  const policy = createPolicy({ verifiers: [one, two] }, counted())
  await assert.rejects(policy.check('all', 1, cid), {
    code: 'NOT_ATTESTED',
    message: new RegExp(`all version 1 has 1 of 2 needed; missing: ${two}$`),
  })
  await attest('all', 2)
  await policy.check('all', 1, cid)
})

test('a quorum is enough', async () => {
  await publish('some', [2])
  const registry = counted()
  await createPolicy({ verifiers: addresses(), quorum: 1 }, registry).check('some', 1, cid)
  await assert.rejects(createPolicy({ verifiers: addresses(), quorum: 2 }, registry).check('some', 1, cid), {
    code: 'NOT_ATTESTED',
    message: /1 of 2 needed; missing: 0x[0-9a-f]+, 0x[0-9a-f]+$/,
  })
})

test('what is attested is asked for once, what is not each time, other bytes anew', async () => {
  await publish('once', [1])
  const [, one = '', two = ''] = addresses()
  const registry = counted()
  const policy = createPolicy({ verifiers: [one] }, registry)
  for (let time = 0; time < 3; time++) await policy.check('once', 1, cid)
  assert.equal(registry.asked, 1)
  await policy.check('once', 1, cid.replace(/.$/, 'a'))
  assert.equal(registry.asked, 2)
  const strict = createPolicy({ verifiers: [two] }, registry)
  for (let time = 0; time < 2; time++) {
    await assert.rejects(strict.check('once', 1, cid), { code: 'NOT_ATTESTED' })
  }
  assert.equal(registry.asked, 4)
})

test('a quorum that can never be met is refused at once, and one account counts once', () => {
  const options = { verifiers: ['0x1', '0x0001', '0x01'], quorum: 2 }
  assert.throws(() => createPolicy(options, counted()), {
    code: 'CONFIG_INVALID',
    message: /quorum 2.*\(1\)/,
  })
})

test('a registry that does not answer lets nothing pass', async () => {
  const broken = { hasAttested: () => Promise.reject(new Error('down')) }
  await assert.rejects(createPolicy({ verifiers: ['0x1'] }, broken).check('x', 1, cid), /down/)
})
