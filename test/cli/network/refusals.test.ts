// What can be wrong about a deployment to a network: each says what was done and what was not, and costs nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRegistry, publicationOf } from '../../helpers/contract.ts'
import { type Seat, signingAs, startNetwork, takeSeat, writeModule } from '../../helpers/network.ts'
import { startGateway, startNode } from '../../helpers/content.ts'
import { startRpcRelay } from '../../helpers/rpc-relay.ts'

const paid = ['--network', 'far', '--yes', '--max-fee', '5']

interface Failed {
  code: string
  detail: string
}

test('what can be known before is refused before anything is pinned or sent', async (t) => {
  const network = await startNetwork(t)
  const { chain, node } = network
  const key = signingAs(chain)
  const relay = await startRpcRelay(t, chain)
  const seat = await takeSeat(t, network, { rpcUrl: relay.rpcUrl })
  await writeModule(seat.cwd, 'plain', 2)
  const fail = async (args: string[], env = key, at: Seat = seat): Promise<Failed> => {
    const { json, stdout, code } = await at.run(['deploy', 'plain.wasm', ...args], env)
    assert.notEqual(code, 0, stdout)
    return json.at(-1)?.['error'] as Failed
  }
  const expected = async (
    failing: Promise<Failed>,
    code: string,
    detail = /nothing was pinned; nothing was sent/,
  ) => {
    const failed = await failing
    assert.equal(failed.code, code, failed.detail)
    assert.match(failed.detail, detail)
  }

  await expected(fail(paid.slice(0, 3)), 'CONFIRMATION_MISSING', /--max-fee/)
  await expected(fail(paid.slice(0, 2)), 'CONFIRMATION_MISSING')
  await expected(fail(['--network', 'far', '--yes', '--max-fee', 'much']), 'INPUT_INVALID', /much/)
  await expected(fail(['--network', 'far', '--yes', '--max-fee', '0.000001']), 'FEE_OVER_MAXIMUM')
  await expected(fail(paid, {}), 'ACCOUNT_MISSING', /there is none/)
  await expected(fail(paid, { ...key, WASMATE_PRIVATE_KEY: '0xnone' }), 'KEY_INVALID', /hexadecimal/)
  await expected(fail(paid, { ...key, WASMATE_ACCOUNT_ADDRESS: '' }), 'ACCOUNT_MISSING', /ADDRESS/)
  await expected(fail(paid, { ...key, WASMATE_ACCOUNT_ADDRESS: '0x77' }), 'ACCOUNT_NOT_DEPLOYED')
  const other = { ...key, WASMATE_ACCOUNT_ADDRESS: chain.accounts[1]?.address ?? '' }
  await expected(fail(paid, other), 'ACCOUNT_KEY_MISMATCH')
  await newRegistry(chain, 1).publish(publicationOf('plain'), {})
  await expected(fail(paid), 'NAME_TAKEN')

  relay.before = () => ({ status: 200, body: '<html>sign in</html>' })
  await expected(fail(paid), 'RPC_REFUSED', /text\/html.*nothing was pinned; nothing was sent/)
  relay.before = () => 'cut'
  await expected(fail(paid), 'RPC_UNREACHABLE')
  const wrong = await takeSeat(t, network, { chainId: 'SN_MAIN' })
  await writeModule(wrong.cwd, 'plain', 2)
  await expected(fail(paid, key, wrong), 'CHAIN_ID_MISMATCH')
  const nowhere = await takeSeat(t, network, { pinning: undefined })
  await writeModule(nowhere.cwd, 'plain', 2)
  await expected(fail(paid, key, nowhere), 'NOWHERE_TO_PIN')
  assert.deepEqual(node.pins.all(), [])
  assert.ok(!relay.asked.includes('starknet_addInvokeTransaction'))
})

test('what a pinning service says it pinned and can not serve is not registered', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const empty = await startGateway(t, await startNode(t))
  const seat = await takeSeat(t, network, { gateways: [empty] })
  await writeModule(seat.cwd, 'plain', 3)
  const failed = await seat.run(['deploy', 'plain.wasm', ...paid, '--fetch-timeout', '1'], signingAs(chain))
  const { code, detail } = failed.json.at(-1)?.['error'] as Failed
  assert.equal(code, 'NOT_SERVED')
  assert.match(detail, /it is pinned at pins; nothing was sent/)
  await assert.rejects(newRegistry(chain).resolve('plain'), { code: 'FUNCTION_NOT_FOUND' })

  // The same again, once it is served: it goes on, and asks the service for no second pin.
  const pins = network.node.pins.all().length
  seat.profile['gateways'] = [network.gateway]
  const again = await seat.run(['deploy', 'plain.wasm', ...paid], signingAs(chain))
  assert.equal(again.json.at(-1)?.['state'], 'registered', again.stdout)
  assert.equal(network.node.pins.all().length, pins)
})
