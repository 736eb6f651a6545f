// What the client tells of a name over time: its history, and each time that it changes.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import type { RegisteredFunction, Registration } from '../../src/model.ts'
import { Registry } from '../../src/registry/registry.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { artifactsFolder, newRegistry, publicationOf, publishVersions, sha256 } from '../helpers/contract.ts'
import { openRpc } from '../helpers/rpc.ts'
import { until } from '../helpers/until.ts'

describe('a name over time', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  let owner: Registry
  let other: Registry

  before(async () => {
    chain = await startChain()
    owner = newRegistry(chain, 0)
    other = newRegistry(chain, 1)
    await owner.ensureDeployed({})
  })
  after(() => chain.stop())

  const publish = (name: string, count: number): Promise<void> => publishVersions(owner, name, count)
  const addressOf = (account: number): string => chain.accounts[account]?.address ?? ''

  it('tells the history of a name in two requests', async () => {
    const name = 'history'
    const registrations: Registration[] = []
    for (let size = 1; size <= 4; size++)
      registrations.push(await owner.publish(publicationOf(name, size), {}))
    await owner.change({ kind: 'yank', name, version: 3 }, {})
    for (const verifier of [other, owner]) {
      await verifier.change({ kind: 'attest', name, version: 2, sha256 }, {})
    }
    await owner.change({ kind: 'set-current', name, version: 2 }, {})
    const front = await openRpc(chain)
    try {
      const registry = new Registry({ rpcUrl: front.rpcUrl, artifactsFolder, log: silentLog })
      await registry.resolve(name)
      front.asked.length = 0
      const history = await registry.history(name, {})
      assert.deepEqual(front.asked.sort(), ['starknet_call', 'starknet_getEvents'])
      assert.deepEqual(
        history.map(({ version, size, yanked, isCurrent }) => [version, size, yanked, isCurrent]),
        [
          [4, 4, false, false],
          [3, 3, true, false],
          [2, 2, false, true],
          [1, 1, false, false],
        ],
      )
      assert.deepEqual(
        history.map(({ attestedBy, attestations }) => [attestedBy, attestations]),
        [
          [[], 0],
          [[], 0],
          [[addressOf(1), addressOf(0)], 2],
          [[], 0],
        ],
      )
      for (const { isCurrent: _, attestedBy: __, transactionHash, blockNumber, ...version } of history) {
        const registered = registrations[version.version - 1]
        assert.deepEqual(
          [transactionHash, blockNumber],
          [registered?.transactionHash, registered?.blockNumber],
        )
        assert.deepEqual(version, await owner.getVersion(name, version.version))
      }
    } finally {
      await front.close()
    }
  })

  it('tells a history that is longer than a page, and one without a current version', async () => {
    await publish('long', 101)
    const history = await owner.history('long', {})
    assert.deepEqual(
      history.map(({ version }) => version),
      Array.from({ length: 101 }, (_, index) => 101 - index),
    )
    await publish('gone', 1)
    await owner.change({ kind: 'yank', name: 'gone', version: 1 }, {})
    const [gone] = await owner.history('gone', {})
    assert.deepEqual([gone?.isCurrent, gone?.yanked], [false, true])
    await assert.rejects(owner.history('nobodys', {}), { code: 'FUNCTION_NOT_FOUND', detail: 'nobodys' })
    const signal = AbortSignal.abort()
    await assert.rejects(owner.history('long', { signal }), { code: 'CANCELLED' })
  })

  for (const kind of ['by subscription', 'by polling']) {
    it(`tells when a name changes, and waits while the chain is away, ${kind}`, async () => {
      const door = await openDoor(chain)
      const name = `watched-${kind.slice(3)}`
      const { rpcUrl, wsUrl } = door
      const registry = new Registry({
        ...{ rpcUrl, artifactsFolder, log: silentLog },
        ...(kind === 'by subscription' && { wsUrl }),
      })
      const ending = new AbortController()
      const seen: (RegisteredFunction | undefined)[] = []
      const watching = (async () => {
        for await (const found of registry.watchName(name, ending.signal)) seen.push(found)
      })()
      try {
        const comes = (holds: (found: RegisteredFunction | undefined) => boolean): Promise<void> =>
          until(async () => seen.length > 0 && holds(seen.at(-1)))
        await comes((found) => found === undefined)
        await publish(name, 1)
        await comes((found) => found?.current.version === 1)
        await other.change({ kind: 'attest', name, version: 1, sha256 }, {})
        await comes((found) => found?.current.attestations === 1)
        await door.shut()
        await publish(name, 1)
        await door.open()
        await comes((found) => found?.current.version === 2)
        await owner.change({ kind: 'yank', name, version: 2 }, {})
        await comes((found) => found?.current.version === 1)
        await owner.change({ kind: 'yank', name, version: 1 }, {})
        await comes((found) => found === undefined)
        assert.equal(seen.length, 6)
      } finally {
        ending.abort()
        await watching
        await door.close()
      }
    })
  }

  it('ends a watch at once, also while a request hangs', async () => {
    const front = await openRpc(chain)
    try {
      const registry = new Registry({ rpcUrl: front.rpcUrl, artifactsFolder, log: silentLog })
      await publish('hangs', 1)
      const ending = new AbortController()
      const watching = registry.watchName('hangs', ending.signal)
      assert.equal((await watching.next()).value?.name, 'hangs')
      const next = watching.next()
      front.hang()
      await publish('hangs', 1)
      ending.abort()
      assert.deepEqual(await next, { done: true, value: undefined })
      const second = new AbortController()
      const stranger = new Registry({ rpcUrl: front.rpcUrl, artifactsFolder, log: silentLog })
      const first = stranger.watchName('hangs', second.signal).next()
      await until(async () => front.asked.at(-1) === 'starknet_chainId')
      second.abort()
      assert.deepEqual(await first, { done: true, value: undefined })
    } finally {
      await front.close()
    }
  })
})
