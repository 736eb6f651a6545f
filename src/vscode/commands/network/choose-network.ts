// Choose Network: whose registry this window looks at and writes to.

import { ThemeIcon, commands, l10n, window } from 'vscode'
import { commands as ids } from '../../ids.ts'
import { type Run, unlessGivenUp } from '../command.ts'
import { type ChosenNetwork, readProfiles } from '../networks.ts'

export function chooseNetworkCommand(chosen: ChosenNetwork): Run {
  return async (given) => {
    const name = given.network ?? (await askForNetwork(chosen.name))
    if (name === undefined) return chosen.name
    await chosen.choose(name)
    await commands.executeCommand(ids.refresh)
    return name
  }
}

/** `undefined`: the settings were opened instead. */
async function askForNetwork(current: string): Promise<string | undefined> {
  const emulator = { name: 'emulator', detail: l10n.t('The chain of this workspace, on this machine.') }
  const { findProfile, networkNames } = await import('../../../networks.ts')
  const profiles = readProfiles()
  const described = networkNames(profiles).map((name) => {
    const { rpcUrl, kind } = findProfile(name, profiles)
    const where = rpcUrl ?? l10n.t('no rpcUrl')
    // What is known to protect nobody is said where it is chosen.
    const unprotected = l10n.t('{0}; the earlier contract, whose names anybody can repoint', where)
    return { name, detail: kind === 'wasm-cid' ? unprotected : where }
  })
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
