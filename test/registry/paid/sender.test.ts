// Transactions that cost something, on a chain behind a relay: what is asked, what is sent, and that it is sent once.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import { Teardown } from '../../../src/base/teardown.ts'
import type { Registration } from '../../../src/model.ts'
import { type Price, formatStrk } from '../../../src/registry/paid/cost.ts'
import { type PaidEvent, PaidSender, type PaidSenderOptions } from '../../../src/registry/paid/sender.ts'
import { SentTransactions } from '../../../src/registry/paid/sent.ts'
import { keySigner } from '../../../src/registry/paid/signer.ts'
import { Registry } from '../../../src/registry/registry.ts'
import { type Chain, startChain } from '../../helpers/chain.ts'
import { newRegistry, publicationOf, starknet } from '../../helpers/contract.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { type Passing, type RpcRelay, startRpcRelay } from '../../helpers/rpc-relay.ts'

interface Sending {
  publish(size?: number): Promise<Registration>
  costs: Price[]
  events: PaidEvent[]
}

describe('a sender that pays', { concurrency: false, timeout: 240_000 }, () => {
  let chain: Chain
  let address: string
  let relay: RpcRelay
  let folder: string
  let count = 0

  const teardown = new Teardown()
  const t = { after: (step: () => unknown): void => teardown.defer(step) }

  before(async () => {
    chain = await startChain()
    teardown.defer(() => chain.stop())
    address = (await newRegistry(chain, 2).ensureDeployed({})).address
    relay = await startRpcRelay(t, chain)
    folder = await temporaryFolder(t)
  })
  after(() => teardown.run())
  beforeEach(() => {
    relay.before = () => 'pass'
    relay.asked.length = 0
    count += 1
  })

  /** As one process has it: what another one has sent is known by the folder alone. */
  const open = (options: Partial<PaidSenderOptions> = {}): Sending => {
    const [account] = chain.accounts
    const signer = keySigner(starknet, account?.address ?? '', account?.privateKey ?? '')
    const [costs, events]: [Price[], PaidEvent[]] = [[], []]
    const name = `name-${count}`
    const registry = new Registry({
      ...{ rpcUrl: relay.rpcUrl, address, log: silentLog },
      account: {
        address: signer.address,
        open: (library, provider) =>
          new PaidSender(library, provider, {
            ...{ signer, operation: name, what: name, sent: new SentTransactions(folder, name) },
            approve: async (cost) => void costs.push(cost),
            tell: (event) => void events.push(event),
            ...options,
          }),
      },
    })
    return { costs, events, publish: (size = 1) => registry.publish(publicationOf(name, size), {}) }
  }
  const versions = async (): Promise<number> => {
    const name = `name-${count}`
    return (await newRegistry(chain).resolve(name)).versionCount
  }
  const sends = (): number =>
    relay.asked.filter((method) => method === 'starknet_addInvokeTransaction').length
  const setGasPrice = (price: number): Promise<unknown> => {
    const prices = { gas_price_fri: price, l2_gas_price_fri: price, data_gas_price_fri: price }
    return chain.request('devnet_setGasPrice', { ...prices, generate_block: true })
  }

  it('asks once, takes no more than was agreed to, and says what it took', async () => {
    const { publish, costs, events } = open()
    assert.equal((await publish()).version, 1)
    const [cost] = costs
    assert.ok(cost && cost.estimate > 0n && cost.maximum > cost.estimate)
    assert.ok(cost.balance > cost.maximum)
    const landed = events.at(-1)
    assert.ok(landed?.kind === 'landed' && landed.fee <= cost.maximum && !landed.reverted)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['attempted', 'sent', 'landed'],
    )
    assert.equal(costs.length, 1)
  })

  it('sends nothing when the answer is no', async () => {
    const refusal = new Error('no')
    await assert.rejects(open({ approve: () => Promise.reject(refusal) }).publish(), /no/)
    assert.equal(sends(), 0)
  })

  it('sends nothing over the maximum, and nothing that the account can not pay', async () => {
    await assert.rejects(open({ maximum: 1n }).publish(), { code: 'FEE_OVER_MAXIMUM', detail: /STRK/ })
    await setGasPrice(10 ** 15)
    await assert.rejects(open().publish(), { code: 'FUNDS_MISSING', detail: /the account has/ })
    await setGasPrice(10 ** 9)
    assert.equal(sends(), 0)
  })

  it('keeps within a maximum that leaves less room than it likes', async () => {
    const { publish, costs } = open({ approve: () => Promise.reject(new Error('stop')) })
    await assert.rejects(publish())
    assert.deepEqual(costs, [])
    const probe = open()
    await probe.publish()
    const [{ maximum: wide = 0n } = {}] = probe.costs
    const tight = (wide * 8n) / 10n
    const second = open({ maximum: tight, operation: 'second' })
    assert.equal((await second.publish(2)).version, 2)
    const [{ maximum = 0n } = {}] = second.costs
    assert.ok(maximum <= tight, `${formatStrk(maximum)} of ${formatStrk(tight)}`)
  })

  it('refuses an address without an account, and a key of another account', async () => {
    const [one, other] = chain.accounts
    const nobody = keySigner(starknet, '0x1234', one?.privateKey ?? '')
    await assert.rejects(open({ signer: nobody }).publish(), {
      code: 'ACCOUNT_NOT_DEPLOYED',
      detail: '0x1234',
    })
    const mistaken = keySigner(starknet, one?.address ?? '', other?.privateKey ?? '')
    await assert.rejects(open({ signer: mistaken }).publish(), { code: 'ACCOUNT_KEY_MISMATCH' })
    assert.equal(sends(), 0)
  })

  it('sees gas become dearer while it is asked, and says that nothing was sent', async () => {
    const approve = (): Promise<void> => setGasPrice(10 ** 11).then(() => undefined)
    await assert.rejects(open({ approve }).publish(), { code: 'FEE_ROSE', detail: /nothing was sent/ })
    await setGasPrice(10 ** 9)
    assert.equal(sends(), 0)
    assert.equal((await open().publish()).version, 1)
  })

  it('is refused when gas becomes dearer between the last look and the send, and goes on at the next try', async () => {
    relay.before = async (method): Promise<Passing> => {
      if (method === 'starknet_addInvokeTransaction') await setGasPrice(10 ** 11)
      return 'pass'
    }
    await assert.rejects(open().publish(), { code: 'FEE_ROSE', detail: /nothing was charged/ })
    relay.before = () => 'pass'
    await setGasPrice(10 ** 9)
    assert.equal((await open().publish()).version, 1)
  })

  it('takes the next nonce when somebody else was quicker, and does not ask again', async () => {
    const other = newRegistry(chain, 0)
    let isFirst = true
    relay.before = async (method): Promise<Passing> => {
      if (method === 'starknet_addInvokeTransaction' && isFirst) {
        isFirst = false
        await other.publish(publicationOf(`other-${count}`), {})
      }
      return 'pass'
    }
    const { publish, costs } = open()
    assert.equal((await publish()).version, 1)
    assert.deepEqual([costs.length, sends()], [1, 2])
  })

  it('finds what landed when the answer was lost, in another process, and sends it no second time', async () => {
    relay.before = (method) => (method === 'starknet_addInvokeTransaction' ? 'lose' : 'pass')
    await assert.rejects(open().publish(), { code: 'TRANSACTION_UNSETTLED', detail: /0x/ })
    relay.before = () => 'pass'
    const { publish, costs } = open()
    assert.equal((await publish()).version, 1)
    assert.deepEqual([costs.length, sends(), await versions()], [0, 1, 1])
  })

  it('sends the very same again when it never arrived', async () => {
    relay.before = (method) => (method === 'starknet_addInvokeTransaction' ? 'cut' : 'pass')
    await assert.rejects(open().publish(), { code: 'TRANSACTION_UNSETTLED' })
    relay.before = () => 'pass'
    const { publish, costs } = open()
    assert.equal((await publish()).version, 1)
    assert.deepEqual([costs.length, sends(), await versions()], [0, 2, 1])
  })

  it('waits for the receipt at the next try when the RPC dies behind the send', async () => {
    let isSent = false
    relay.before = (method) => {
      if (isSent) return 'cut'
      isSent = method === 'starknet_addInvokeTransaction'
      return 'pass'
    }
    await assert.rejects(open().publish(), { code: 'TRANSACTION_UNSETTLED' })
    await assert.rejects(open().publish(), { code: 'CHAIN_NOT_READY' })
    relay.before = () => 'pass'
    assert.equal((await open().publish()).version, 1)
    assert.deepEqual([sends(), await versions()], [1, 1])
  })

  it('is not begun by two at one time', async () => {
    const approve = (): Promise<void> =>
      assert.rejects(open().publish(), { code: 'TRANSACTION_UNSETTLED', detail: /process/ })
    assert.equal((await open({ approve }).publish()).version, 1)
    assert.deepEqual([sends(), await versions()], [1, 1])
  })

  it('tells a name that was taken before it is asked, while it is asked, and when it is too late', async () => {
    const taker = newRegistry(chain, 1)
    const take = async (): Promise<void> => void (await taker.publish(publicationOf(`name-${count}`), {}))
    await assert.rejects(open({ approve: take }).publish(), { code: 'NAME_TAKEN' })
    await assert.rejects(open().publish(), { code: 'NAME_TAKEN' })
    assert.equal(sends(), 0)
    count += 1000
    relay.before = async (method): Promise<Passing> => {
      if (method === 'starknet_addInvokeTransaction') await take()
      return 'pass'
    }
    const { publish, events } = open()
    await assert.rejects(publish(), { code: 'NAME_TAKEN' })
    assert.deepEqual(events.at(-1)?.kind === 'landed' && events.at(-1), { ...events.at(-1), reverted: true })
  })
})
