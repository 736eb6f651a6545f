// What a person is asked on a terminal, and answers: a password, whether it may be sent; and Ctrl-C at each question.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AccountStore } from '../../../src/registry/accounts/store.ts'
import { acquireLock } from '../../../src/base/disk/lock.ts'
import { decryptKey } from '../../../src/registry/accounts/keystore.ts'
import { newRegistry } from '../../helpers/contract.ts'
import { workspaceAt } from '../../../src/workspace.ts'
import type { Chain } from '../../helpers/chain.ts'
import {
  type Seat,
  type TestNetwork,
  signingAs,
  startNetwork,
  takeSeat,
  writeModule,
} from '../../helpers/network.ts'
import { type Ended, type Terminal, keys, openTerminal } from '../../helpers/terminal.ts'

const on = ['--network', 'far']
const password = randomBytes(8).toString('hex')

test('a person at a terminal', async (t) => {
  const network = await startNetwork(t)
  await t.test('types a key and its password unseen; Ctrl-C leaves nothing', (typing) =>
    importsKey(typing, network),
  )
  await t.test('is asked for the password of an account', (signing) => opensAccount(signing, network))
  await t.test('agrees to a plan, once or up to its fee; anything else sends nothing', (agreeing) =>
    agrees(agreeing, network),
  )
})

async function importsKey(t: TestContext, network: TestNetwork): Promise<void> {
  const seat = await takeSeat(t, network)
  const { address = '', privateKey = '' } = network.chain.accounts[0] ?? {}
  const begin = (): Terminal => open(t, seat, {}, 'account', 'import', 'me', ...on, '--address', address)
  const questions: [question: string, answer: string][] = [
    ['Private key: ', privateKey],
    ['A password for it: ', password],
    ['The same again: ', password],
  ]
  for (const [index, [last]] of questions.entries()) {
    const left = begin()
    for (const [question, words] of questions.slice(0, index)) await answer(left, question, words)
    await leaveAt(left, last, `abc${keys.interrupt}`)
  }
  const mistaken = begin()
  for (const [question, words] of questions.slice(0, 2)) await answer(mistaken, question, words)
  await answer(mistaken, 'The same again: ', `${password}x`)
  assert.match((await ended(mistaken, 1)).shown, /error KEYSTORE_PASSWORD: .*nothing is kept/)
  assert.deepEqual(await storeOf(seat).list(), [])

  const typed = begin()
  await answer(typed, 'Private key: ', `${privateKey}f${keys.backspace}`)
  for (const [question, words] of questions.slice(1)) await answer(typed, question, words)
  const { shown } = await ended(typed, 0)
  for (const secret of [privateKey.slice(4), password]) assert.ok(!shown.includes(secret))
  const { keystore } = await storeOf(seat).get('me')
  assert.ok(keystore)
  assert.equal(BigInt(await decryptKey(keystore, password)), BigInt(privateKey))
}

async function opensAccount(t: TestContext, network: TestNetwork): Promise<void> {
  const seat = await takeSeat(t, network)
  const { address = '', privateKey = '' } = network.chain.accounts[0] ?? {}
  const env = { WASMATE_KEYSTORE_PASSWORD: password, WASMATE_PRIVATE_KEY: privateKey }
  const imported = await seat.run(['account', 'import', 'me', ...on, '--address', address], env)
  assert.equal(imported.code, 0, imported.stdout)
  await writeModule(seat.cwd, 'signed', 1)
  const begin = (): Terminal => open(t, seat, {}, 'deploy', 'signed.wasm', ...on)
  const question = 'Password of the account me: '

  const wrong = begin()
  await answer(wrong, question, 'something else')
  assert.match((await ended(wrong, 1)).shown, /error KEYSTORE_PASSWORD/)
  await leaveAt(begin(), question, keys.interrupt)
  await leaveAt(begin(), question, keys.endOfInput)
  assert.deepEqual(network.node.pins.all(), [])

  const right = begin()
  await answer(right, question, password)
  await answer(right, 'anything else stops: ', 'y')
  const { shown } = await ended(right, 0)
  assert.match(shown, /signed: v1 on far, in wasmate\.lock/)
  assert.ok(!shown.includes(password))
}

async function agrees(t: TestContext, network: TestNetwork): Promise<void> {
  const { chain } = network
  const seat = await takeSeat(t, network)
  const begin = async (module: number): Promise<Terminal> => {
    await writeModule(seat.cwd, 'plain', module)
    return open(t, seat, signingAs(chain), 'deploy', 'plain.wasm', ...on)
  }
  const question = 'anything else stops: '
  const version = async (): Promise<number> => (await newRegistry(chain).resolve('plain')).versionCount

  const pins = network.node.pins.all().length
  await waitsForAnEmulator(seat, begin, question)
  for (const key of [keys.interrupt, keys.endOfInput]) await leaveAt(await begin(1), question, key)
  for (const words of ['', 'yes please']) {
    const refused = await begin(1)
    await answer(refused, question, words)
    assert.match((await ended(refused, 130)).shown, /error CANCELLED: .*nothing was pinned; nothing was sent/)
  }
  assert.equal(network.node.pins.all().length, pins)
  await assert.rejects(version(), { code: 'FUNCTION_NOT_FOUND' })

  const once = await begin(1)
  await once.sees('publish plain on far')
  for (const line of [
    'registry  0x',
    'from      nothing',
    '36 B',
    'pin at    pins',
    'at most ',
    'balance   ',
  ])
    await once.sees(line)
  await answer(once, question, 'y')
  await ended(once, 0)
  const always = await begin(2)
  await always.sees('from      v1  bafk')
  await answer(always, question, 'a')
  await ended(always, 0)
  const remembered = await readFile(join(seat.home, 'config/wasmate/networks.json'), 'utf8')
  assert.match(remembered, /^\s*"far": \{\s*"unaskedFee": "\d+"\s*\}/m)

  await setGasPrice(chain, 10 ** 8)
  const unasked = await ended(await begin(3), 0)
  assert.match(unasked.shown, /at most [^]*plain: v3 on far/)
  assert.ok(!unasked.shown.includes(question))
  await setGasPrice(chain, 10 ** 12)
  await leaveAt(await begin(4), question, keys.interrupt)
  assert.equal(await version(), 3)
}

/** One that another process is starting is neither an error nor passed over. */
async function waitsForAnEmulator(
  { cwd }: Seat,
  begin: (module: number) => Promise<Terminal>,
  question: string,
): Promise<void> {
  const { lock, state } = workspaceAt(cwd)
  await mkdir(state, { recursive: true })
  const held = await acquireLock(lock)
  const waiting = await begin(1)
  await waiting.sees('waiting for the emulator that is being started')
  await held.release()
  await leaveAt(waiting, question, keys.interrupt)
}

function open(t: TestContext, seat: Seat, env: Record<string, string>, ...args: string[]): Terminal {
  return openTerminal(t, [...args, ...seat.settings()], { cwd: seat.cwd, env: { ...seat.env, ...env } })
}

async function answer(terminal: Terminal, question: string, words: string): Promise<void> {
  await terminal.sees(question)
  terminal.press(words + keys.enter)
}

/** Whatever came of it, the terminal is as it was. */
async function ended(terminal: Terminal, code: number): Promise<Ended> {
  const end = await terminal.end()
  assert.deepEqual([end.code, end.isSane], [code, true], end.shown)
  return end
}

async function leaveAt(terminal: Terminal, question: string, key: string): Promise<void> {
  await terminal.sees(question)
  terminal.press(key)
  assert.match((await ended(terminal, 130)).shown, /error CANCELLED/)
}

function storeOf({ home }: Seat): AccountStore {
  return new AccountStore(join(home, 'config/wasmate/accounts'))
}

async function setGasPrice(chain: Chain, price: number): Promise<void> {
  const prices = { gas_price_fri: price, l2_gas_price_fri: price, data_gas_price_fri: price }
  await chain.request('devnet_setGasPrice', { ...prices, generate_block: true })
}
