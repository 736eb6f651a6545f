// `wasmate account` and what is changed with one: created, funded, deployed, and then publishing, rolling back, yanking,
// handing over; and a key is in no file and no output.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parsePrivateKey } from '../../../src/registry/accounts/key.ts'
import { decryptKey } from '../../../src/registry/accounts/keystore.ts'
import { AccountStore } from '../../../src/registry/accounts/store.ts'
import { startChain } from '../../helpers/chain.ts'
import { newRegistry, starknet } from '../../helpers/contract.ts'
import { type Seat, signingAs, startNetwork, takeSeat, writeModule } from '../../helpers/network.ts'
import { assertNowhere } from '../../helpers/secrets.ts'
import type { Finished } from '../../helpers/wasmate.ts'
import { undoAfter } from '../../helpers/undo.ts'

const fee = ['--yes', '--max-fee', '5']
const on = ['--network', 'far']
const password = randomBytes(8).toString('hex')
const env = { WASMATE_KEYSTORE_PASSWORD: password }

test('an account is created, funded and deployed, publishes, changes its mind, and its key shows nowhere', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const seat = await takeSeat(t, network)
  const run = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { json, code, stdout, stderr } = await seat.run(args, env)
    assert.equal(code, 0, stdout + stderr)
    return json.at(-1) ?? {}
  }
  const created = await run('account', 'create', 'me', ...on)
  await writeModule(seat.cwd, 'plain', 1)
  const early = await seat.run(['deploy', 'plain.wasm', ...on, ...fee], env)
  assert.match(early.stdout, /ACCOUNT_NOT_DEPLOYED/)
  const unfunded = await seat.run(['account', 'deploy', 'me', ...fee], env)
  assert.match(unfunded.stdout, /FUNDS_MISSING.*nothing was sent/)
  await run('account', 'fund', 'me', '--amount', '50')
  assert.equal((await run('account', 'deploy', 'me', ...fee))['state'], 'deployed')
  assert.equal((await run('account', 'deploy', 'me', ...fee))['state'], 'unchanged')
  const { accounts } = await run('account', 'list', ...on)
  const [mine] = accounts as Record<string, unknown>[]
  assert.deepEqual([mine?.['address'], mine?.['deployed']], [created['address'], true])

  const registry = newRegistry(chain)
  assert.equal((await run('deploy', 'plain.wasm', ...on, ...fee))['version'], 1)
  await writeModule(seat.cwd, 'plain', 2)
  assert.equal((await run('deploy', 'plain.wasm', ...on, ...fee))['version'], 2)
  assert.equal((await run('rollback', 'plain', '1', ...on, ...fee))['state'], 'changed')
  assert.equal((await registry.resolve('plain')).current.version, 1)
  const lock = await readFile(join(seat.cwd, 'wasmate.lock'), 'utf8')
  assert.match(lock, /"version": 1,/)
  assert.equal((await run('rollback', 'plain', '1', ...on, ...fee))['state'], 'unchanged')
  assert.equal((await run('yank', 'plain', '2', ...on, ...fee))['state'], 'changed')
  assert.equal((await registry.getVersion('plain', 2)).yanked, true)
  const other = chain.accounts[2]
  await run('transfer', 'plain', other?.address ?? '', ...on, ...fee)
  const taken = await seat.run(['accept', 'plain', ...on, ...fee], signingAs(chain, 2))
  assert.equal(taken.json.at(-1)?.['state'], 'changed', taken.stdout)
  assert.equal((await registry.resolve('plain')).owner, other?.address)

  const store = new AccountStore(join(seat.home, 'config/wasmate/accounts'))
  const { keystore } = await store.get('me')
  assert.ok(keystore)
  await nowhere(seat, [await decryptKey(keystore, password), other?.privateKey ?? '', password])
  await run('account', 'remove', 'me')
  assert.match((await seat.run(['deploy', 'plain.wasm', ...on, ...fee], env)).stdout, /ACCOUNT_MISSING/)
})

test('accounts of starkli and sncast sign after they were imported, and a wrong password opens nothing', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const seat = await takeSeat(t, network)
  await writeModule(seat.cwd, 'plain', 5)
  const [first, second] = chain.accounts
  const { address = '', privateKey = '' } = second ?? {}
  const files = dirname(seat.cwd)
  const file = { 'alpha-sepolia': { theirs: { address, private_key: privateKey, deployed: true } } }
  await writeFile(join(files, 'sncast.json'), JSON.stringify(file))
  const sncast = ['account', 'import', 'theirs', ...on, '--sncast', join(files, 'sncast.json')]
  assert.equal((await seat.run(sncast, env)).code, 0)
  // What it wrote is a keystore as starkli writes it: the same file is imported as one of starkli.
  const stored = JSON.parse(
    await readFile(join(seat.home, 'config/wasmate/accounts/theirs.json'), 'utf8'),
  ) as { keystore: unknown; publicKey: string }
  await writeFile(join(files, 'keystore.json'), JSON.stringify(stored.keystore))
  const starkli = (publicKey: string): string =>
    JSON.stringify({
      version: 1,
      variant: { type: 'open_zeppelin', version: 1, public_key: publicKey, legacy: false },
      deployment: { status: 'deployed', class_hash: '0x1', address },
    })
  const imported = async (name: string, publicKey: string, given = env): Promise<string> => {
    await writeFile(join(files, 'account.json'), starkli(publicKey))
    const [keystore, account] = [join(files, 'keystore.json'), join(files, 'account.json')]
    const args = ['account', 'import', name, ...on, '--keystore', keystore, '--starkli', account]
    return (await seat.run(args, given)).stdout
  }
  const publicOfFirst = starknet.ec.starkCurve.getStarkKey(first?.privateKey ?? '')
  assert.match(await imported('mine', publicOfFirst), /ACCOUNT_KEY_MISMATCH/)
  assert.match(
    await imported('mine', stored.publicKey, { WASMATE_KEYSTORE_PASSWORD: 'no' }),
    /KEYSTORE_PASSWORD/,
  )
  assert.match(await imported('mine', stored.publicKey), /"key":"encrypted"/)
  assert.match(await imported('mine', stored.publicKey), /ACCOUNT_EXISTS/)

  const deploy = ['deploy', 'plain.wasm', ...on, ...fee]
  assert.match((await seat.run(deploy, env)).stdout, /ACCOUNT_MISSING.*mine, theirs/)
  const wrong = await seat.run([...deploy, '--account', 'mine'], { WASMATE_KEYSTORE_PASSWORD: 'no' })
  assert.match(wrong.stdout, /KEYSTORE_PASSWORD/)
  const deployed = await seat.run([...deploy, '--account', 'mine'], env)
  assert.equal(deployed.json.at(-1)?.['account'], address, deployed.stdout)
  await nowhere(seat, [privateKey, password])
})

test('what is signed outside is printed, sent once it is signed, and found when somebody else has sent it', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const seat = await takeSeat(t, network)
  await writeModule(seat.cwd, 'plain', 1)
  const { address = '', privateKey = '' } = chain.accounts[0] ?? {}
  const deploy = (...more: string[]) =>
    seat.run(['deploy', 'plain.wasm', ...on, ...fee, '--account', address, ...more])
  interface Unsigned {
    hash: string
    transaction: Record<string, unknown>
  }
  const print = async (): Promise<Unsigned> => {
    const printed = await deploy()
    assert.match(printed.stdout, /SIGNATURE_MISSING/)
    return printed.json.find((line) => 'unsigned' in line)?.['unsigned'] as Unsigned
  }
  const sign = (hash: string): string[] => {
    const { r, s } = starknet.ec.starkCurve.sign(hash, parsePrivateKey(privateKey))
    return [r, s].map((felt) => `0x${felt.toString(16)}`)
  }
  const first = await print()
  const invalid = await deploy('--signature', sign('0x1234').join(','))
  assert.match(invalid.stdout, /SIGNATURE_INVALID.*nothing was sent/)
  const signed = await deploy('--signature', sign(first.hash).join(','))
  const transaction = signed.json.at(-1)?.['transaction'] as { hash: string } | undefined
  assert.equal(transaction?.hash, first.hash, signed.stdout)

  await writeModule(seat.cwd, 'plain', 2)
  const second = await print()
  const elsewhere = (await chain.request('starknet_addInvokeTransaction', {
    invoke_transaction: { ...second.transaction, signature: sign(second.hash) },
  })) as { transaction_hash: string }
  const found = await deploy('--transaction', elsewhere.transaction_hash)
  assert.equal(found.json.at(-1)?.['version'], 2, found.stdout)
})

test('our registry is published once, and is the registry of the network from then on', async (t) => {
  const network = await startNetwork(t)
  const { chain, earlier, registry } = network
  const seat = await takeSeat(t, network, { registry: undefined })
  await writeModule(seat.cwd, 'plain', 1)
  const key = signingAs(chain)
  const before = await seat.run(['deploy', 'plain.wasm', ...on, ...fee], key)
  assert.match(before.stdout, /CONFIG_INVALID.*registry is missing/)
  const bare = await startChain()
  undoAfter(t, () => bare.stop())
  const publish = async (most: string): Promise<Finished> => {
    const finished = await seat.run(['registry', 'publish', ...on, '--yes', '--max-fee', most], key)
    assert.equal(finished.json.at(-1)?.['address'] ?? registry, registry)
    return finished
  }
  seat.profile['rpcUrl'] = bare.rpcUrl
  assert.match((await publish('0.01')).stdout, /FEE_OVER_MAXIMUM.*nothing was sent/)
  const published = await publish('5')
  // One question for the declaration and the deployment: it was estimated on what that changes.
  const plans = published.json.flatMap(({ plan }) => (plan ? [plan as { fee: Record<string, string> }] : []))
  assert.equal(plans.length, 1, published.stdout)
  const [{ fee: { estimate = 0, maximum = 0 } = {} } = {}] = plans
  const paid = BigInt(String(published.json.at(-1)?.['fee']))
  assert.ok(paid <= BigInt(maximum) && paid * 10n > BigInt(estimate) * 9n, `${paid} of ${estimate}`)
  assert.equal(published.json.at(-1)?.['state'], 'published')
  assert.equal((await publish('5')).json.at(-1)?.['state'], 'unchanged')
  seat.profile['rpcUrl'] = chain.rpcUrl
  const deployed = await seat.run(['deploy', 'plain.wasm', ...on, ...fee], key)
  assert.equal(deployed.json.at(-1)?.['contract'], registry, deployed.stdout)

  // The earlier contract: with a warning, and without what it has no means for.
  seat.profile['registry'] = earlier
  seat.profile['kind'] = 'wasm-cid'
  const old = await seat.run(['deploy', 'plain.wasm', ...on, ...fee], key)
  assert.match(JSON.stringify(old.json[0]), /anyone can point any name to another CID/)
  assert.equal(old.json.at(-1)?.['state'], 'registered', old.stdout)
  const again = await seat.run(['deploy', 'plain.wasm', ...on, ...fee], key)
  assert.equal(again.json.at(-1)?.['state'], 'unchanged', again.stdout)
  const rollback = await seat.run(['yank', 'plain', '1', ...on, ...fee], key)
  assert.match(rollback.stdout, /REGISTRY_UNSUPPORTED.*nothing was sent/)
})

/** No secret in anything that was printed, nor in any file but those that a test itself wrote. */
function nowhere({ cwd, home, printed }: Seat, secrets: string[]): Promise<void> {
  return assertNowhere(secrets, { texts: printed, folders: [cwd, home] })
}
