// Keys and the files that others keep them in.

import assert from 'node:assert/strict'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  readSncastAccount,
  readStarkliAccount,
  readStarkliKeystore,
} from '../../../src/registry/accounts/files.ts'
import { parsePrivateKey, planAccount, publicKeyOf } from '../../../src/registry/accounts/key.ts'
import { decryptKey, encryptKey, parseKeystore } from '../../../src/registry/accounts/keystore.ts'
import { AccountStore } from '../../../src/registry/accounts/store.ts'
import { startChain } from '../../helpers/chain.ts'
import { starknet } from '../../helpers/contract.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { undoAfter } from '../../helpers/undo.ts'

/** Test vectors of the Web3 Secret Storage definition; their key is none of the STARK curve, which is smaller. */
const cipher = { cipher: 'aes-128-ctr', cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' } }
const vector = {
  version: 3,
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  crypto: {
    ...cipher,
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
}

test('a keystore of the definition opens with its password, and its key is refused as none of the curve', async () => {
  const keystore = parseKeystore(vector)
  await assert.rejects(decryptKey(keystore, 'testpassword'), { code: 'KEY_INVALID', detail: /too large/ })
  await assert.rejects(decryptKey(keystore, 'another'), { code: 'KEYSTORE_PASSWORD' })
})

test('a key comes back from its keystore with the password alone', async () => {
  const key = parsePrivateKey('0x0123')
  const keystore = await encryptKey(key, 'a password')
  assert.ok(!JSON.stringify(keystore).includes('123456'))
  assert.equal(await decryptKey(readStarkliKeystore(JSON.stringify(keystore)), 'a password'), '0x123')
  await assert.rejects(decryptKey(keystore, 'a passwort'), { code: 'KEYSTORE_PASSWORD' })
  await assert.rejects(encryptKey(key, ''), { code: 'KEYSTORE_PASSWORD' })
})

test('what is no key is refused without being shown', () => {
  const order = '0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f'
  for (const text of ['', '0x', '0x0', 'hello', order, `0x${'1'.repeat(65)}`, '0xzz']) {
    assert.throws(
      () => parsePrivateKey(text),
      (error: Error & { code?: string }) => {
        return error.code === 'KEY_INVALID' && (text.length < 4 || !error.message.includes(text))
      },
    )
  }
  assert.equal(parsePrivateKey(' 00ff\n'), '0xff')
})

test('what is no keystore is refused', () => {
  const bad = [
    {},
    { ...vector, version: 1 },
    { ...vector, crypto: { ...vector.crypto, cipher: 'aes-256-gcm' } },
    { ...vector, crypto: { ...vector.crypto, kdf: 'argon2' } },
    { ...vector, crypto: { ...vector.crypto, kdfparams: { ...vector.crypto.kdfparams, c: 10 ** 9 } } },
  ]
  for (const value of bad) assert.throws(() => parseKeystore(value), { code: 'KEYSTORE_INVALID' })
  assert.throws(
    () => readStarkliKeystore('0x123456789'),
    (error: Error) => !error.message.includes('123456789'),
  )
})

test('accounts of starkli and sncast are read, and what they lack is named', () => {
  const variant = { type: 'open_zeppelin', version: 1, public_key: '0x1', legacy: false }
  const deployed = { status: 'deployed', class_hash: '0x2', address: '0x3' }
  const starkli = (deployment: object): string => JSON.stringify({ version: 1, variant, deployment })
  assert.deepEqual(readStarkliAccount(starkli(deployed)), {
    address: '0x3',
    deployed: true,
    publicKey: '0x1',
  })
  const undeployed = starkli({ status: 'undeployed', class_hash: '0x2', salt: '0x3' })
  assert.throws(() => readStarkliAccount(undeployed), { code: 'KEYSTORE_INVALID', detail: /not deployed/ })

  const own = { address: '0x5', private_key: '0x7', public_key: '0x8', deployed: true, type: 'open_zeppelin' }
  const { private_key: _key, ...keyless } = own
  const file = JSON.stringify({ 'alpha-sepolia': { me: own, ledger: keyless }, 'alpha-mainnet': { me: own } })
  const asked = { account: 'me', chainId: 'SN_SEPOLIA' }
  assert.deepEqual(readSncastAccount(file, asked), {
    ...{ address: '0x5', privateKey: '0x7', publicKey: '0x8', deployed: true },
  })
  assert.throws(() => readSncastAccount(file, { chainId: 'SN_SEPOLIA' }), { detail: /several.*me.*ledger/ })
  assert.throws(() => readSncastAccount(file, { ...asked, account: 'you' }), { detail: /no such account/ })
  assert.throws(() => readSncastAccount(file, { ...asked, account: 'ledger' }), { detail: /no key/ })
})

test('the address of a new account is where the chain has accounts of that key', async (t) => {
  const chain = await startChain()
  undoAfter(t, () => chain.stop())
  const [account] = chain.accounts
  const publicKey = publicKeyOf(starknet, account?.privateKey ?? '')
  const { deployment } = planAccount(starknet, publicKey)
  // Those of the devnet have another salt.
  const { classHash, constructorCalldata } = deployment
  const found = await chain.request('starknet_getClassHashAt', {
    ...{ contract_address: account?.address, block_id: 'latest' },
  })
  assert.equal(found, classHash)
  assert.deepEqual(constructorCalldata, [publicKey])
})

test('accounts are kept for their user alone, under names that are names', async (t) => {
  const folder = join(await temporaryFolder(t), 'accounts')
  const store = new AccountStore(folder)
  assert.deepEqual(await store.list(), [])
  const keystore = await encryptKey('0x123', 'a password')
  await store.add({ name: 'me', network: 'far', address: '0x1', keystore })
  await store.add({ name: 'outside', network: 'near', address: '0x2' })
  assert.deepEqual(
    (await store.list('far')).map(({ name }) => name),
    ['me'],
  )
  assert.equal((await stat(join(folder, 'me.json'))).mode & 0o777, 0o600)
  await assert.rejects(store.add({ name: 'me', network: 'far', address: '0x1' }), { code: 'ACCOUNT_EXISTS' })
  for (const name of ['../me', '', 'a b', '.hidden']) {
    await assert.rejects(store.add({ name, network: 'far', address: '0x1' }), { code: 'INPUT_INVALID' })
    await assert.rejects(store.get(name), { code: 'ACCOUNT_UNKNOWN' })
  }
  assert.ok(!(await readFile(join(folder, 'me.json'), 'utf8')).includes('password'))
  await store.remove('me')
  assert.deepEqual(await readdir(folder), ['outside.json'])
})
