// Ctrl-C while something is deployed to a network: what was done by then is said, and the same again goes on from there.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newRegistry } from '../../helpers/contract.ts'
import { type Seat, signingAs, startNetwork, takeSeat, writeModule } from '../../helpers/network.ts'
import { type RpcRelay, holdAt, startRpcRelay } from '../../helpers/rpc-relay.ts'
import { start } from '../../helpers/wasmate.ts'

const sending = 'starknet_addInvokeTransaction'

test('a deployment that is cancelled', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const relay = await startRpcRelay(t, chain)
  const key = signingAs(chain)
  const env = (seat: Seat): Record<string, string> => ({ ...seat.env, ...key })

  /** Cancelled where a request of this method has no answer yet, then begun again. */
  const cancelAt = async (method: string, skip: number, name: string, context: TestContext) => {
    const seat = await takeSeat(context, network, { rpcUrl: relay.rpcUrl })
    await writeModule(seat.cwd, name, 1)
    const args = ['deploy', `${name}.wasm`, '--network', 'far', '--yes', '--max-fee', '5']
    const held = holdAt(relay, method, skip)
    relay.asked.length = 0
    const running = start([...args, ...seat.settings(), '--json'], seat.cwd, env(seat))
    await held.reached
    running.child.kill('SIGINT')
    const code = await running.exitCode
    held.release()
    const error = running.json().at(-1)?.['error'] as { code: string; detail: string }
    const again = await seat.run(args, key)
    return { code, error, again, sent: countSends(relay) }
  }

  await t.test('before it is sent has sent nothing, and goes on', async (before) => {
    // The nonce is read before the question, and again before the transaction is signed.
    const { code, error, again, sent } = await cancelAt('starknet_getNonce', 1, 'before', before)
    assert.deepEqual([code, error.code], [130, 'CANCELLED'])
    assert.match(error.detail, /it is pinned at pins; nothing was sent/)
    assert.equal(again.json.at(-1)?.['state'], 'registered', again.stdout)
    assert.equal(sent, 1)
  })
  await t.test('while it is sent says that it may have been, and sends the very same', async (during) => {
    const { code, error, again } = await cancelAt(sending, 0, 'during', during)
    assert.deepEqual([code, error.code], [3, 'TRANSACTION_UNSETTLED'], error.detail)
    const told = /(0x\w+); waiting was cancelled; it is pinned at pins; transaction \1 may have been sent$/
    assert.match(error.detail, told)
    assert.equal(again.json.at(-1)?.['state'], 'registered', again.stdout)
    assert.equal((await newRegistry(chain).resolve('during')).versionCount, 1)
  })
  await t.test('when it was sent says so, and is not sent again', async (after) => {
    const { code, error, again, sent } = await cancelAt('starknet_getTransactionReceipt', 0, 'after', after)
    assert.deepEqual([code, error.code], [3, 'TRANSACTION_UNSETTLED'], error.detail)
    assert.match(error.detail, /waiting was cancelled; it is pinned at pins; transaction 0x\w+ was sent/)
    assert.equal(again.json.at(-1)?.['version'], 1, again.stdout)
    assert.equal(sent, 1)
  })
})

function countSends({ asked }: RpcRelay): number {
  return asked.filter((method) => method === sending).length
}
