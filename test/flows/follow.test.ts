// Names following the registry on a real chain: what answers, what does not and why, and what is loaded for it.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { WasmateError } from '../../src/base/errors.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { startNode } from '../helpers/content.ts'
import { type TestContract, deployContract, newRegistry } from '../helpers/contract.ts'
import { answers, followChain, pinModule, problemIs, startFollower, versionOf } from '../helpers/follower.ts'

describe('following the registry', { concurrency: false, timeout: 240_000 }, () => {
  let chain: Chain
  let contract: TestContract

  before(async () => {
    chain = await startChain('--state-archive-capacity', 'full')
    contract = await deployContract(chain)
  })
  after(() => chain.stop())

  it('answers with what is published, then with what is made current, and with nothing once all is yanked', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('moves', 'one'))
    await bench.follower.answers(await bench.publish('moves', 'two'))
    await contract.invoke(0, 'set_current', 'moves', 1)
    await answers(bench, 'moves', 1)
    await contract.invoke(0, 'set_current', 'moves', 2)
    await answers(bench, 'moves', 2)
    await contract.invoke(0, 'yank', 'moves', 2)
    await answers(bench, 'moves', 1)
    await contract.invoke(0, 'yank', 'moves', 1)
    await answers(bench, 'moves', 0)
    // Neither was fetched again for being current again.
    assert.equal(bench.loads(), 2)
  })

  it('keeps the version before when the content can’t be had, says why, and loads it once it can', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('lost', 'one'))
    const elsewhere = await startNode(context)
    const missing = await pinModule(elsewhere, 'lost', 'two')
    const registration = await newRegistry(chain).publish(missing, {})
    await assert.rejects(bench.follower.answers(registration), { code: 'GATEWAYS_FAILED' })
    assert.equal(bench.answering('lost'), 1)
    const { version, cid } = bench.served.problems().find(({ name }) => name === 'lost') ?? {}
    assert.deepEqual([version, cid], [2, missing.cid])
    await pinModule(bench.node, 'lost', 'two')
    await bench.follower.answers(registration).catch(() => answers(bench, 'lost', 2))
    assert.equal(bench.served.problem('lost'), undefined)
  })

  it('never loads bytes that are not the registered ones, also when their CID is loaded for another name', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('right', 'bytes'))
    const wrong = { ...(await pinModule(bench.node, 'wrong', 'right bytes')), sha256: 'ab'.repeat(32) }
    await assert.rejects(bench.follower.answers(await newRegistry(chain).publish(wrong, {})), {
      code: 'CONTENT_MISMATCH',
    })
    assert.equal(bench.answering('wrong'), 0)
    assert.equal(bench.answering('right'), 1)
    assert.match(bench.served.problem('wrong')?.problem.detail ?? '', /abababab/)
  })

  it('does not load a version that the policy refuses until an attestation comes', async (context) => {
    let asked = 0
    const bench = await followChain(context, chain, {
      allow: async (name, { version }) => {
        if (name !== 'policy' || version === 1) return
        asked++
        const { address } = chain.accounts[1] ?? { address: '' }
        const has = await contract.call('has_attested', name, version, address)
        if (!has) throw new WasmateError('NOT_ATTESTED', `${name} v${version} by ${address}`)
      },
    })
    await bench.follower.answers(await bench.publish('policy', 'one'))
    const second = await bench.publish('policy', 'two')
    await assert.rejects(bench.follower.answers(second), { code: 'NOT_ATTESTED' })
    assert.equal(bench.answering('policy'), 1)
    assert.equal(bench.loads(), 1)
    const before = asked
    await contract.invoke(1, 'attest', 'policy', 2, `0x${second.sha256}`)
    await answers(bench, 'policy', 2)
    // Only the attestation had it asked again.
    assert.equal(asked, before + 1)
  })

  it('stops answering with a yanked version when the current one can’t take its place', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('stale', 'one'))
    const elsewhere = await startNode(context)
    await newRegistry(chain).publish(await pinModule(elsewhere, 'stale', 'two'), {})
    await problemIs(bench, 'stale', 'GATEWAYS_FAILED')
    assert.equal(bench.answering('stale'), 1)
    await contract.invoke(0, 'yank', 'stale', 1)
    await answers(bench, 'stale', 0)
    await pinModule(bench.node, 'stale', 'two')
    await answers(bench, 'stale', 2)
  })

  it('waits for what followed, when a version is set aside before it was loaded', async (context) => {
    const door = await openDoor(chain)
    context.after(() => door.close())
    const bench = await followChain(context, chain, { endpoints: door })
    await bench.follower.answers(await bench.publish('aside', 'one'))
    await door.shut()
    const second = await bench.publish('aside', 'two')
    await contract.invoke(0, 'set_current', 'aside', 1)
    const third = await bench.publish('none', 'one')
    await contract.invoke(0, 'yank', 'none', 1)
    const waiting = [second, third].map((registration) => bench.follower.answers(registration))
    await door.open()
    const [answered, withdrawn] = await Promise.allSettled(waiting)
    assert.equal(answered?.status, 'fulfilled')
    assert.equal(bench.answering('aside'), 1)
    assert.ok(withdrawn?.status === 'rejected')
    assert.equal((withdrawn.reason as WasmateError).code, 'VERSION_YANKED')
  })

  it('answers from the table after a restart, and stops what the policy does not let run any more', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('stays', 'one'))
    await bench.follower.answers(await bench.publish('goes', 'two'))
    await bench.stop()
    const again = await startFollower(context, {
      ...bench.parts,
      allow: async (name) => {
        if (name === 'goes') throw new WasmateError('NOT_ATTESTED', name)
      },
    })
    await answers(again, 'goes', 0)
    await problemIs(again, 'goes', 'NOT_ATTESTED')
    assert.equal(versionOf(again, 'stays'), 1)
    assert.ok(!again.fetched.some((cid) => cid === again.served.answering('stays')?.cid))
  })

  it('reads a table without hashes, and asks the registry what it can’t tell from it', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('known', 'one'))
    await bench.stop()
    const path = join(bench.parts.folder, 'served.json')
    const now = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    const entry = { cid: 'bafkold', version: 4, sha256: '', size: 1 }
    const [, version] = (now['answering'] as [string, object][]).find(([name]) => name === 'known') ?? []
    const both = [
      ['known', version],
      ['never-published', entry],
    ]
    const old = { cursor: now['cursor'], current: both, answering: both, options: [] }
    await writeFile(path, JSON.stringify(old))
    const again = await startFollower(context, bench.parts)
    assert.deepEqual([versionOf(again, 'known'), versionOf(again, 'never-published')], [1, 4])
    await answers(again, 'never-published', 0)
    assert.equal(versionOf(again, 'known'), 1)
  })

  it('stops at once, whatever it does', async (context) => {
    const bench = await followChain(context, chain)
    const elsewhere = await startNode(context)
    await newRegistry(chain).publish(await pinModule(elsewhere, 'stop', 'one'), {})
    await problemIs(bench, 'stop', 'GATEWAYS_FAILED')
    await bench.stop()
  })
})
