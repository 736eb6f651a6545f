// Import Account: a key that is typed, or out of a file of starkli or sncast, into the secret storage of the editor.

import { readFile } from 'node:fs/promises'
import { ThemeIcon, l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import type { NetworkProfile } from '../../../networks.ts'
import { type Desk, type Run, unlessGivenUp } from '../command.ts'
import type { Given } from '../given.ts'
import type { ChosenNetwork } from '../networks.ts'
import { readConfig } from '../../settings.ts'
import type { NetworkAccounts } from './accounts.ts'
import { chooseOther } from './choose.ts'

interface Imported {
  address: string
  privateKey: string
}

/** Gives the address. */
export function importAccountCommand(
  { emulators }: Desk,
  chosen: ChosenNetwork,
  accounts: NetworkAccounts,
): Run {
  return async (given) => {
    const { networks } = await readConfig(emulators.all[0]?.folder)
    const network = given.network ?? (await chooseOther(chosen, networks.profiles, l10n.t('Import Account')))
    const { findProfile } = await import('../../../networks.ts')
    const imported = await readImported(given, network, findProfile(network, networks.profiles))
    const { parseAddress } = await import('../../../registry/calls.ts')
    const address = parseAddress(imported.address)
    await accounts.add(network, address, imported.privateKey)
    void window.showInformationMessage(
      l10n.t(
        '{0} signs on {1} from now on. Its key is in the secret storage of this editor.',
        address,
        network,
      ),
    )
    return address
  }
}

async function readImported(given: Given, network: string, profile: NetworkProfile): Promise<Imported> {
  if (given.file !== undefined) return readAccountFile(given.file, given, network, profile)
  if ((await chooseOrigin(network)) === 'key') return typeKey(given)
  const [file] = unlessGivenUp(
    await window.showOpenDialog({ title: l10n.t('Import Account'), openLabel: l10n.t('Import') }),
  )
  return readAccountFile(unlessGivenUp(file).fsPath, given, network, profile)
}

async function chooseOrigin(network: string): Promise<'key' | 'file'> {
  const items = [
    {
      label: l10n.t('Private Key'),
      detail: l10n.t('Typed, and not shown while it is'),
      iconPath: new ThemeIcon('key'),
      from: 'key' as const,
    },
    {
      label: l10n.t('File of starkli or sncast'),
      detail: l10n.t('A keystore, which asks for its password, or a file of accounts'),
      iconPath: new ThemeIcon('file'),
      from: 'file' as const,
    },
  ]
  const options = { title: l10n.t('Import Account'), placeHolder: l10n.t('From what, for {0}?', network) }
  return unlessGivenUp(await window.showQuickPick(items, options)).from
}

async function typeKey(given: Given): Promise<Imported> {
  const address = given.address ?? (await askForAddress())
  const { parsePrivateKey } = await import('../../../registry/accounts/key.ts')
  const typed = await window.showInputBox({
    title: l10n.t('Private Key of {0}', address),
    prompt: l10n.t('It is kept in the secret storage of this editor and goes nowhere.'),
    password: true,
    ignoreFocusOut: true,
  })
  return { address, privateKey: parsePrivateKey(unlessGivenUp(typed)) }
}

async function askForAddress(): Promise<string> {
  const typed = await window.showInputBox({
    title: l10n.t('Import Account'),
    prompt: l10n.t('Address of the account'),
    placeHolder: '0x…',
    ignoreFocusOut: true,
  })
  return unlessGivenUp(typed).trim()
}

/** Whichever of the two it is. */
async function readAccountFile(
  path: string,
  given: Given,
  network: string,
  { chainId = network }: NetworkProfile,
): Promise<Imported> {
  const { readSncastAccount, readStarkliKeystore } = await import('../../../registry/accounts/files.ts')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WasmateError('KEYSTORE_INVALID', path, { cause: error })
  })
  if (!/"crypto"\s*:/.test(text)) {
    return readSncastAccount(text, { chainId, ...(given.name !== undefined && { account: given.name }) })
  }
  const keystore = readStarkliKeystore(text)
  const address = given.address ?? (await askForAddress())
  const password = await window.showInputBox({
    title: l10n.t('Password of the Keystore'),
    prompt: l10n.t('It is used once, and kept nowhere.'),
    password: true,
    ignoreFocusOut: true,
  })
  const { decryptKey } = await import('../../../registry/accounts/keystore.ts')
  return { address, privateKey: await decryptKey(keystore, unlessGivenUp(password)) }
}

/** Gives the address that was forgotten. */
export function forgetAccountCommand(
  { emulators }: Desk,
  chosen: ChosenNetwork,
  accounts: NetworkAccounts,
): Run {
  return async (given) => {
    const { networks } = await readConfig(emulators.all[0]?.folder)
    const network = given.network ?? (await chooseOther(chosen, networks.profiles, l10n.t('Forget Account')))
    const known = accounts.list(network)
    if (known.length === 0)
      throw new WasmateError('ACCOUNT_MISSING', l10n.t('there is none on {0} yet', network))
    const placeHolder = l10n.t('Its key is removed from the secret storage of this editor.')
    const options = { title: l10n.t('Forget Account'), placeHolder }
    const address = given.address ?? unlessGivenUp(await window.showQuickPick([...known], options))
    await accounts.forget(network, address)
    return address
  }
}
