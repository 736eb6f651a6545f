// The network whose registry this window looks at: the emulator's own, or one that the settings describe.

import { type Disposable, type Memento, ThemeIcon, commands, l10n, window, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { commands as ids } from '../ids.ts'
import { networkKey } from '../trees/sidebar.ts'
import { register, unlessGivenUp } from './command.ts'
import type { Given } from './given.ts'

/** Kept with the workspace. */
export class ChosenNetwork {
  readonly #state: Memento

  constructor(state: Memento) {
    this.#state = state
  }

  get name(): string {
    return this.#state.get<string>(networkKey) ?? 'emulator'
  }

  /** What the command was given for it, else the chosen one. */
  of({ network }: Given): string {
    return network ?? this.name
  }

  /** Throws NETWORK_UNKNOWN. */
  async choose(name: string): Promise<void> {
    const profiles = readProfiles()
    if (name !== 'emulator' && !(name in profiles)) {
      const known = ['emulator', ...Object.keys(profiles)].join(', ')
      throw new WasmateError('NETWORK_UNKNOWN', `${name}; ${l10n.t('there are {0}', known)}`)
    }
    await this.#state.update(networkKey, name === 'emulator' ? undefined : name)
  }
}

/** Throws ACCOUNT_MISSING: accounts for networks elsewhere come with deploying there. */
export function checkWritable(network: string): void {
  if (network === 'emulator') return
  throw new WasmateError('ACCOUNT_MISSING', l10n.t('nothing is written to {0} from here', network))
}

export function registerChooseNetwork(chosen: ChosenNetwork): Disposable {
  return register(ids.chooseNetwork, async (given) => {
    const name = given.network ?? (await askForNetwork(chosen.name))
    if (name === undefined) return chosen.name
    await chosen.choose(name)
    await commands.executeCommand(ids.refresh)
    return name
  })
}

/** `undefined`: the settings were opened instead. */
async function askForNetwork(current: string): Promise<string | undefined> {
  const emulator = { name: 'emulator', detail: l10n.t('The chain of this workspace, on this machine.') }
  const described = Object.entries(readProfiles()).map(([name, { rpcUrl }]) => ({
    name,
    detail: l10n.t('{0}, for reading', rpcUrl ?? l10n.t('no rpcUrl')),
  }))
  const items = [emulator, ...described].map(({ name, detail }) => ({
    label: name,
    detail,
    iconPath: new ThemeIcon(name === 'emulator' ? 'vm' : 'globe'),
    ...(name === current && { description: l10n.t('chosen') }),
    name,
  }))
  const describe = {
    label: l10n.t('Describe Another Network'),
    iconPath: new ThemeIcon('gear'),
    name: undefined,
  }
  const picked = await window.showQuickPick([...items, describe], {
    title: l10n.t('Choose Network'),
    placeHolder: l10n.t('The registry of which network?'),
  })
  const { name } = unlessGivenUp(picked)
  if (name === undefined) await commands.executeCommand('workbench.action.openSettings', 'wasmate.networks')
  return name
}

/** Nothing of a folder that is not trusted: such a setting is restricted. */
function readProfiles(): Record<string, { rpcUrl?: string }> {
  const profiles = workspace
    .getConfiguration('wasmate')
    .get<Record<string, { rpcUrl?: string }>>('networks.profiles')
  const { emulator: _policy, ...others } = profiles ?? {}
  return others
}
