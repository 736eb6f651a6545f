// wasmate account: who signs on a network. A key is typed, or read from a file or the environment: no argument, no
// output and no file but the encrypted keystore ever has it.

import { readFile } from 'node:fs/promises'
import { WasmateError } from '../../base/errors.ts'
import { fundAccount, readAccounts } from '../../flows/deploying/accounts.ts'
import { deployAccount } from '../../flows/deploying/registry.ts'
import {
  type FoundAccount,
  readSncastAccount,
  readStarkliAccount,
  readStarkliKeystore,
} from '../../registry/accounts/files.ts'
import { newPrivateKey, parsePrivateKey, planAccount, publicKeyOf } from '../../registry/accounts/key.ts'
import { type Keystore, decryptKey, encryptKey } from '../../registry/accounts/keystore.ts'
import type { StoredAccount } from '../../registry/accounts/store.ts'
import { parseAddress } from '../../registry/calls.ts'
import { formatStrk, parseStrk } from '../../registry/paid/cost.ts'
import { loadStarknet } from '../../registry/starknet.ts'
import type { Session } from '../session.ts'
import { askSecretly, canAsk } from './prompt.ts'
import { profileOf } from './remembered.ts'
import { accountsOf, chooseNewPassword, readPassword } from './signing.ts'
import { type WritingOptions, openTarget } from './target.ts'

export interface ImportOptions {
  network: string
  address?: string
  keystore?: string
  starkli?: string
  sncast?: string
  from?: string
  external?: boolean
}

export async function accountImportVerb(
  session: Session,
  options: ImportOptions,
  name: string,
): Promise<void> {
  // An unknown one is told before a key is asked for.
  const { chainId } = await profileOf(session, options.network)
  const account = await readImported(session, options, chainId)
  await accountsOf(session).add({ name, network: options.network, ...account })
  tellAccount(session, { name, network: options.network, ...account })
}

type Imported = Pick<StoredAccount, 'address' | 'publicKey' | 'keystore'>

async function readImported(
  session: Session,
  options: ImportOptions,
  chainId: string | undefined,
): Promise<Imported> {
  const { starkli, sncast, from } = options
  if (options.external) return { address: needAddress(options) }
  if (options.keystore !== undefined) {
    const found = starkli === undefined ? undefined : readStarkliAccount(await readText(starkli))
    const keystore = readStarkliKeystore(await readText(options.keystore))
    // It stays as it is, under its own password, which is tried once.
    const password = await readPassword(session, 'Password of the keystore: ')
    return withKeystore(
      await decryptKey(keystore, password),
      keystore,
      found ?? { address: needAddress(options) },
    )
  }
  if (sncast !== undefined) {
    const { privateKey, ...found } = readSncastAccount(await readText(sncast), { account: from, chainId })
    return encrypt(session, privateKey, found)
  }
  const address = needAddress(options)
  return encrypt(session, await readKey(session), { address })
}

async function readKey(session: Session): Promise<string> {
  const { privateKey } = session.environment.secrets
  if (privateKey !== undefined) return parsePrivateKey(privateKey)
  if (!canAsk(session))
    throw new WasmateError('KEY_INVALID', 'there is no terminal to ask on; WASMATE_PRIVATE_KEY may hold it')
  return parsePrivateKey(await askSecretly('Private key: ', session))
}

async function encrypt(session: Session, privateKey: string, found: FoundAccount): Promise<Imported> {
  const keystore = await encryptKey(privateKey, await chooseNewPassword(session))
  return withKeystore(privateKey, keystore, found)
}

/** Throws ACCOUNT_KEY_MISMATCH when the file says whose key it should be, and it is not. */
async function withKeystore(
  privateKey: string,
  keystore: Keystore,
  { address, publicKey: expected }: FoundAccount,
): Promise<Imported> {
  const publicKey = publicKeyOf(await loadStarknet(), privateKey)
  if (expected !== undefined && BigInt(expected) !== BigInt(publicKey)) {
    throw new WasmateError(
      'ACCOUNT_KEY_MISMATCH',
      `its public key is ${publicKey}, the file names ${expected}`,
    )
  }
  return { address: parseAddress(address), publicKey, keystore }
}

function needAddress({ address }: ImportOptions): string {
  if (address === undefined) throw new WasmateError('INPUT_INVALID', '--address is missing: whose key is it?')
  return parseAddress(address)
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new WasmateError('KEYSTORE_INVALID', `${path} can't be read`, { cause: error })
  })
}

export async function accountCreateVerb(
  session: Session,
  { network }: { network: string },
  name: string,
): Promise<void> {
  await profileOf(session, network)
  const starknet = await loadStarknet()
  const privateKey = newPrivateKey(starknet)
  const publicKey = publicKeyOf(starknet, privateKey)
  const { address } = planAccount(starknet, publicKey)
  const keystore = await encryptKey(privateKey, await chooseNewPassword(session))
  const account = { name, network, address: parseAddress(address), publicKey, created: true, keystore }
  await accountsOf(session).add(account)
  tellAccount(session, account)
  session.output.note(`  next: send STRK to it, then wasmate account deploy ${name}`)
}

function tellAccount(
  { output }: Session,
  { name, network, address, publicKey, keystore }: StoredAccount,
): void {
  const signs = keystore ? 'encrypted' : 'external'
  const value = { name, network, address, ...(publicKey !== undefined && { publicKey }), key: signs }
  output.result(value, describeAccount({ name, network, address, key: signs }))
}

function describeAccount(account: { name: string; network: string; address: string; key: string }): string {
  const { name, network, address, key } = account
  return `${name.padEnd(16)}  ${network.padEnd(12)}  ${address}  ${key === 'external' ? 'signs outside' : 'key encrypted'}`
}

/** With a network its chain is asked what each has; without one nobody is. */
export async function accountListVerb(session: Session, { network }: { network?: string }): Promise<void> {
  const { output, signal } = session
  const accounts = await accountsOf(session).list(network)
  const known = accounts.map(({ name, network: on, address, keystore }) => ({
    ...{ name, network: on, address, key: keystore ? 'encrypted' : 'external' },
  }))
  if (network === undefined) {
    return output.result({ accounts: known }, known.map(describeAccount).join('\n') || 'no account')
  }
  const profile = await profileOf(session, network)
  const asked = await readAccounts(network, profile, known, signal)
  const lines = asked.map((each) => {
    const standing = each.deployed ? '' : ', not deployed'
    return `${describeAccount(each)}  ${formatStrk(BigInt(each.balance))}${standing}`
  })
  output.result({ accounts: asked }, lines.join('\n') || `no account on ${network}`)
}

export async function accountRemoveVerb(session: Session, _options: object, name: string): Promise<void> {
  const { address, network } = await accountsOf(session).remove(name)
  session.output.result(
    { name, network, address, removed: true },
    `removed ${name}: its key is not here any more`,
  )
}

export async function accountFundVerb(
  session: Session,
  { amount }: { amount: string },
  name: string,
): Promise<void> {
  const { network, address } = await accountsOf(session).get(name)
  const fri = parseStrk(amount)
  const balance = await fundAccount(
    network,
    await profileOf(session, network),
    { address, fri },
    session.signal,
  )
  session.output.result({ name, network, address, balance }, `${name} has ${formatStrk(BigInt(balance))}`)
}

export async function accountDeployVerb(
  session: Session,
  options: Omit<WritingOptions, 'network' | 'account'>,
  name: string,
): Promise<void> {
  const { network, publicKey, created } = await accountsOf(session).get(name)
  if (!created || publicKey === undefined) {
    throw new WasmateError('INPUT_INVALID', `${name} was not created here: it is deployed by what made it`)
  }
  const target = await openTarget(session, { ...options, network, account: name })
  const { deployment } = planAccount(await loadStarknet(), publicKey)
  const context = { signal: session.signal, report: session.output.progress }
  const deployed = await deployAccount(target, deployment, context)
  const { address, transaction, fee } = deployed
  const how = transaction
    ? `is there, in block ${transaction.block}, for ${formatStrk(BigInt(fee))}`
    : 'is there already; nothing was sent'
  session.output.result(deployed, `${name}: ${address} ${how}`)
}
