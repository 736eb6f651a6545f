// What diff says of each way in which what is here can differ from what is registered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError, toProblem } from '../../src/base/errors.ts'
import { type Comparison, type DiffStages, type Place, diff } from '../../src/flows/diff.ts'
import type { LockEntry } from '../../src/lockfile.ts'
import type { Publication, VersionRecord } from '../../src/model.ts'
import { showError } from '../helpers/runner.ts'

const [me, other, contract] = ['0x0a', '0xb', '0x99']

const hash = (number: number): string => String(number).repeat(64)
const bytes = (number: number): Publication => {
  return { name: 'hello', cid: `cid${number}`, sha256: hash(number), size: number, sourceCid: '' }
}

/** Versions 1 to `count`, of which the last is current unless told otherwise. */
function versions(count: number, more: { current?: number; by?: string } = {}): VersionRecord[] {
  const { current = count, by = '0xa' } = more
  return Array.from({ length: count }, (_, index) => ({
    ...bytes(index + 1),
    version: index + 1,
    publisher: index + 1 === count ? by : '0xa',
    publishedAt: 0,
    attestations: 0,
    yanked: false,
    isCurrent: index + 1 === current,
    transactionHash: '0x1',
    blockNumber: index + 1,
    attestedBy: [],
  })).reverse()
}

const locked = (number: number, at = contract): LockEntry => {
  const { cid, sha256, size } = bytes(number)
  return { contract: at, version: number, cid, sha256, size }
}

const served = (number: number): { cid: string; sha256: string; size: number; version: number } => {
  return { ...bytes(number), version: number }
}

/** Version 1 everywhere, but for what is given. */
function stages(given: Partial<DiffStages> = {}): DiffStages {
  return {
    build: async () => bytes(1),
    pinned: async (asked) => asked,
    history: async () => versions(1),
    locked: async () => locked(1),
    ...{ pending: undefined, answering: served(1), problem: undefined },
    here: async () => ({ contract, account: me }),
    ...given,
  }
}

async function explain(
  given: Partial<DiffStages>,
): Promise<{ same: boolean; why: Partial<Record<Place, string>> }> {
  const { same, places }: Comparison = await diff('hello', stages(given), {})
  const why = places.flatMap((each) => (each.why === undefined ? [] : [[each.place, each.why]]))
  return { same, why: Object.fromEntries(why) as Partial<Record<Place, string>> }
}

test('what is the same everywhere needs no explanation', async () => {
  const { same, places } = await diff('hello', stages(), {})
  assert.equal(same, true)
  assert.deepEqual(
    places.map(({ place, found, same }) => [place, found?.cid, found?.version, same]),
    [
      ['local', 'cid1', undefined, true],
      ['pinned', 'cid1', 1, true],
      ['registered', 'cid1', 1, true],
      ['served', 'cid1', 1, true],
      ['locked', 'cid1', 1, true],
    ],
  )
  assert.ok(places.every(({ why }) => why === undefined))
})

test('a changed source, an older one, and the same bytes under another CID are told apart', async () => {
  const changed = await explain({ build: async () => bytes(9) })
  assert.deepEqual(changed, { same: false, why: { local: 'source changed since v1' } })
  const history = async (): Promise<VersionRecord[]> => versions(2, { current: 1 })
  const older = await explain({ build: async () => bytes(2), history })
  assert.equal(older.why.local, 'the folder builds v2; v1 is current')
  const profile = await explain({ build: async () => ({ ...bytes(1), cid: 'other' }) })
  assert.deepEqual(profile, { same: true, why: { local: 'the bytes of v1, under another import profile' } })
})

test('who else has published is named', async () => {
  const given = {
    history: async () => versions(2, { by: other }),
    answering: served(2),
    pinned: async () => [],
  }
  const { same, why } = await explain(given)
  assert.equal(same, false)
  assert.equal(why.local, `the folder builds v1; another account (${other}) published v2`)
  assert.equal(why.locked, `v1 is locked; another account (${other}) published v2`)
  const unknown = await explain({ ...given, build: async () => bytes(9) })
  assert.equal(unknown.why.local, `another account (${other}) published v2`)
})

test('what is registered and does not answer is told with its reason', async () => {
  const problem = toProblem(new WasmateError('NOT_ATTESTED', 'by 0x7'))
  const never = await explain({ answering: undefined, problem })
  assert.equal(never.same, false)
  assert.match(never.why.served ?? '', /^registered but not served: NOT_ATTESTED: .*by 0x7/)
  const history = async (): Promise<VersionRecord[]> => versions(2)
  const before = await explain({
    build: async () => bytes(2),
    history,
    locked: async () => locked(2),
    problem,
  })
  assert.equal(before.same, false)
  assert.match(before.why.served ?? '', /^v1 answers: v2 is not served: NOT_ATTESTED/)
  const loading = await explain({ history, locked: async () => locked(2) })
  assert.equal(loading.why.served, 'v1 answers: v2 is being fetched')
})

test('what waits for the chain is told as such, and what can not be looked at is not called the same', async () => {
  const refuse = async (): Promise<never> => {
    throw new WasmateError('CHAIN_NOT_READY', 'starting')
  }
  const waiting = { pending: bytes(1), answering: undefined, locked: async () => undefined }
  const noChain = await diff(
    'hello',
    stages({ ...waiting, history: refuse, here: async () => undefined }),
    {},
  )
  assert.equal(noChain.same, false)
  const [local, pinned, registered] = noChain.places
  assert.deepEqual([local?.why, pinned?.why], ['pinned, waits for the chain', 'pinned, waits for the chain'])
  assert.deepEqual([registered?.problem?.code, registered?.found], ['CHAIN_NOT_READY', undefined])
  const unregistered = async (): Promise<never> => {
    throw new WasmateError('FUNCTION_NOT_FOUND', 'hello')
  }
  const { same, why } = await explain({ ...waiting, history: unregistered })
  assert.equal(same, true)
  assert.equal(why.registered, 'waits for the chain')
})

test('a folder that does not build hides nothing else', async () => {
  const build = async (): Promise<never> => {
    throw new WasmateError('BUILD_FAILED', 'index.ts:1')
  }
  const { same, places } = await diff('hello', stages({ build }), {})
  assert.equal(same, false)
  assert.equal(places[0]?.problem?.code, 'BUILD_FAILED')
  assert.ok(places.slice(1).every((each) => each.same))
})

test('another registry, yanked versions, and what is not there are told', async () => {
  const reset = await explain({ locked: async () => locked(1, '0x5') })
  assert.deepEqual(reset, {
    same: true,
    why: { locked: 'locked on the registry at 0x5, this one is at 0x99' },
  })
  const yanked = await explain({ history: async () => versions(2, { current: 0 }), answering: undefined })
  assert.equal(yanked.why.registered, 'none of its 2 versions is current: they are yanked')
  const elsewhere = await explain({
    ...{ build: async () => undefined, locked: async () => undefined, pinned: async () => [] },
    history: async () => versions(1, { by: other }),
  })
  assert.deepEqual(elsewhere.why, {
    local: 'no function of that name in the workspace',
    pinned: 'nothing is pinned under the name',
    locked: 'wasmate.lock has no entry; `wasmate deploy` writes it',
  })
  assert.equal(elsewhere.same, true)
})

test('a name that is nowhere is an error, and so is being cancelled', async () => {
  const nothing = {
    ...{ build: async () => undefined, pinned: async () => [], locked: async () => undefined },
    ...{ history: async () => [], answering: undefined },
  }
  assert.match(await showError(diff('hello', stages(nothing), {})), /^FUNCTION_NOT_FOUND: hello/)
  const cancelled = async (): Promise<never> => {
    throw new WasmateError('CANCELLED')
  }
  assert.match(await showError(diff('hello', stages({ history: cancelled }), {})), /^CANCELLED/)
})
