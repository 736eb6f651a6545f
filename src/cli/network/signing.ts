// Whose signature goes onto a network, and how the key is had: from the environment, from a keystore under a password, or
// never, when somebody else signs.

import { WasmateError } from '../../base/errors.ts'
import { decryptKey } from '../../registry/accounts/keystore.ts'
import { parsePrivateKey } from '../../registry/accounts/key.ts'
import { AccountStore, type StoredAccount } from '../../registry/accounts/store.ts'
import { parseAddress } from '../../registry/calls.ts'
import {
  type External,
  type Signer,
  externalSigner,
  keySigner,
  parseSignature,
} from '../../registry/paid/signer.ts'
import { loadStarknet } from '../../registry/starknet.ts'
import type { Session } from '../session.ts'
import { askSecretly, canAsk } from './prompt.ts'

export interface SigningOptions {
  /** Name of an account, or an address that signs outside. */
  account?: string
  signature?: string
  transaction?: string
}

export function accountsOf({ environment }: Session): AccountStore {
  return new AccountStore(`${environment.configFolder}/accounts`)
}

/** Throws ACCOUNT_MISSING, ACCOUNT_UNKNOWN, KEY_INVALID, KEYSTORE_PASSWORD, INPUT_INVALID. */
export async function openSigner(
  session: Session,
  network: string,
  options: SigningOptions,
): Promise<Signer> {
  const { account } = options
  if (account?.startsWith('0x')) return outside(session, parseAddress(account), options)
  const { privateKey, accountAddress } = session.environment.secrets
  if (account === undefined && privateKey !== undefined) {
    if (accountAddress === undefined) {
      throw new WasmateError(
        'ACCOUNT_MISSING',
        'WASMATE_PRIVATE_KEY is set, and WASMATE_ACCOUNT_ADDRESS is not',
      )
    }
    const key = parsePrivateKey(privateKey)
    return keySigner(await loadStarknet(), parseAddress(accountAddress), key)
  }
  return openStored(session, await chooseAccount(session, network, account), options)
}

async function openStored(session: Session, chosen: StoredAccount, options: SigningOptions): Promise<Signer> {
  const { address, keystore, name } = chosen
  if (!keystore) return outside(session, address, options)
  if (options.signature !== undefined || options.transaction !== undefined) {
    throw new WasmateError(
      'INPUT_INVALID',
      `${name} signs here: --signature and --transaction are for others`,
    )
  }
  const password = await readPassword(session, `Password of the account ${name}: `)
  return keySigner(await loadStarknet(), address, await decryptKey(keystore, password))
}

async function chooseAccount(
  session: Session,
  network: string,
  name: string | undefined,
): Promise<StoredAccount> {
  const store = accountsOf(session)
  if (name !== undefined) {
    const found = await store.get(name)
    if (found.network === network) return found
    throw new WasmateError(
      'INPUT_INVALID',
      `the account ${name} is one of ${found.network}, not of ${network}`,
    )
  }
  const [only, ...others] = await store.list(network)
  if (only && others.length === 0) return only
  const names = [only, ...others].flatMap((each) => (each ? [each.name] : []))
  throw new WasmateError(
    'ACCOUNT_MISSING',
    `on ${network} there ${names.length > 0 ? `are ${names.join(', ')}` : 'is none'}`,
  )
}

/** Throws KEYSTORE_PASSWORD where nobody can be asked. */
export async function readPassword(session: Session, question: string): Promise<string> {
  const { keystorePassword } = session.environment.secrets
  if (keystorePassword !== undefined) return keystorePassword
  if (!canAsk(session)) throw new WasmateError('KEYSTORE_PASSWORD', 'there is no terminal to ask on')
  return askSecretly(question, session)
}

/** Asked for twice: what was typed unseen and wrong would never open again. Throws KEYSTORE_PASSWORD. */
export async function chooseNewPassword(session: Session): Promise<string> {
  const first = await readPassword(session, 'A password for it: ')
  if (session.environment.secrets.keystorePassword !== undefined || first === '') return first
  if ((await readPassword(session, 'The same again: ')) === first) return first
  throw new WasmateError(
    'KEYSTORE_PASSWORD',
    'what was typed the second time is something else; nothing is kept',
  )
}

function outside({ output }: Session, address: string, options: SigningOptions): Signer {
  return externalSigner(address, readExternal(options), (unsigned) => {
    const { hash, transaction } = unsigned
    const lines = [`hash to be signed by ${address}:`, `  ${hash}`, JSON.stringify(transaction, undefined, 2)]
    output.result({ unsigned }, lines.join('\n'))
  })
}

function readExternal({ signature, transaction }: SigningOptions): External | undefined {
  if (signature !== undefined) return { signature: parseSignature(signature) }
  if (transaction === undefined) return undefined
  if (/^0x[0-9a-fA-F]{1,64}$/.test(transaction)) return { transaction }
  throw new WasmateError('INPUT_INVALID', `${transaction} is no hash of a transaction`)
}
