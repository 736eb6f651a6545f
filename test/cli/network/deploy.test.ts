// `wasmate deploy --network`, as a CI runs it: no emulator, a key from the environment, and a chain that says it is Sepolia.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { newRegistry } from '../../helpers/contract.ts'
import { signingAs, startNetwork, takeSeat, writeModule } from '../../helpers/network.ts'
import { assertNowhere } from '../../helpers/secrets.ts'

const paid = ['--network', 'far', '--yes', '--max-fee', '5']

test('a function is planned, pinned, fetched back, sent, resolved and fetched again; then nothing is sent', async (t) => {
  const network = await startNetwork(t)
  const { chain } = network
  const seat = await takeSeat(t, network)
  const key = signingAs(chain)
  assert.equal((await seat.run(['new', 'hello'])).code, 0)

  const first = await seat.run(['deploy', 'hello', ...paid], key)
  assert.equal(first.code, 0, first.stdout + first.stderr)
  const [planned, deployed] = first.json as [{ plan: Record<string, unknown> }, Record<string, unknown>]
  assert.deepEqual(planned.plan['network'], 'far')
  assert.equal(deployed['state'], 'registered')
  assert.equal(deployed['version'], 1)
  const registry = newRegistry(chain)
  const { current } = await registry.resolve('hello')
  const publication = deployed['publication'] as Record<string, unknown>
  assert.deepEqual(
    [current.cid, current.sha256, current.size, current.sourceCid],
    [publication['cid'], publication['sha256'], publication['size'], publication['sourceCid']],
  )
  const lock = await readFile(join(seat.cwd, 'wasmate.lock'), 'utf8')
  assert.match(lock, new RegExp(`"far": \\{\\s+"contract": "${network.registry}"`))
  const verified = await seat.run(['verify', 'hello', '--network', 'far'])
  assert.equal(verified.json.at(-1)?.['verified'], true, verified.stdout)

  const nonce = await chain.request('starknet_getNonce', {
    ...{ contract_address: chain.accounts[0]?.address, block_id: 'latest' },
  })
  const again = await seat.run(['deploy', 'hello', ...paid], key)
  assert.equal(again.json.at(-1)?.['state'], 'unchanged', again.stdout)
  assert.equal(again.json.at(-1)?.['transaction'], undefined)
  const after = await chain.request('starknet_getNonce', {
    ...{ contract_address: chain.accounts[0]?.address, block_id: 'latest' },
  })
  assert.equal(after, nonce)

  await writeModule(seat.cwd, 'plain', 1)
  const ready = await seat.run(['deploy', 'plain.wasm', ...paid], key)
  assert.equal(ready.json.at(-1)?.['state'], 'registered', ready.stdout)
})

test('a compiler that is started on the way is told nothing of the key or of a token', async (t) => {
  const network = await startNetwork(t)
  const seat = await takeSeat(t, network)
  const clang = join(seat.home, 'clang')
  const seen = join(seat.home, 'seen')
  await writeFile(clang, `#!/bin/sh\n{ env; echo "$0" "$@"; } >> '${seen}'\nexec clang "$@"\n`, {
    mode: 0o755,
  })
  assert.equal((await seat.run(['new', 'hello', '--language', 'c'])).code, 0)
  const password = 'a password of somebody'
  const token = 'a token of a pinning service'
  const secrets = {
    ...signingAs(network.chain),
    WASMATE_KEYSTORE_PASSWORD: password,
    WASMATE_PINNING_TOKEN_OTHER: token,
  }
  const deployed = await seat.run(['deploy', 'hello', ...paid, '--set', `build.clang=${clang}`], secrets)
  assert.equal(deployed.json.at(-1)?.['state'], 'registered', deployed.stdout)
  assert.match(await readFile(seen, 'utf8'), /^PATH=/m)
  const [{ privateKey = '' } = {}] = network.chain.accounts
  await assertNowhere([privateKey, password, token], { texts: seat.printed, folders: [seat.cwd, seat.home] })
})
