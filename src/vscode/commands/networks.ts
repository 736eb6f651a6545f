// The network whose registry this window looks at: the emulator's own, or one that the settings describe.

import { type Memento, workspace } from 'vscode'
import type { Profiles } from '../../networks.ts'
import { networkKey } from '../trees/sidebar.ts'
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
    const { findProfile } = await import('../../networks.ts')
    if (name !== 'emulator') findProfile(name, readProfiles())
    await this.#state.update(networkKey, name === 'emulator' ? undefined : name)
  }
}

/** Nothing of a folder that is not trusted: such a setting is restricted. */
export function readProfiles(): Profiles {
  return workspace.getConfiguration('wasmate').get<Profiles>('networks.profiles') ?? {}
}
