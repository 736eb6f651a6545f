// Pinning services: the emulator's own, which needs no token of anybody, and those that the settings describe.

import { ThemeIcon, commands, l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import type { ControlClient } from '../../../client/control.ts'
import type { PinningService } from '../../../config.ts'
import { unlessGivenUp } from '../command.ts'
import type { PinningTokens } from './tokens.ts'

export interface OpenService extends PinningService {
  name: string
  token: string
}

type Services = Readonly<Record<string, PinningService>>

/** Throws PINNING_SERVICE_UNKNOWN naming those that there are, CANCELLED. */
export async function openService(
  name: string,
  { client, services, tokens }: { client: ControlClient; services: Services; tokens: PinningTokens },
): Promise<OpenService> {
  if (name === 'emulator') {
    const url = client.state.urls.pinning
    if (url === undefined) {
      throw new WasmateError('PINNING_SERVICE_UNKNOWN', l10n.t('the emulator runs on a Kubo of yours'))
    }
    return { name, url, uploadUrl: `${url}/upload`, token: client.state.token }
  }
  const known = Object.hasOwn(services, name) ? services[name] : undefined
  if (!known) {
    const names = ['emulator', ...Object.keys(services)].join(', ')
    throw new WasmateError(
      'PINNING_SERVICE_UNKNOWN',
      `${JSON.stringify(name)}; ${l10n.t('there are {0}', names)}`,
    )
  }
  return { name, ...known, token: await tokens.get(name, known.url) }
}

/** Throws CANCELLED, also when the settings were opened instead. */
export async function chooseService(services: Services, tokens: PinningTokens): Promise<string> {
  const described = await Promise.all(
    Object.entries(services).map(async ([name, { url }]) => ({
      name,
      label: name,
      description: new URL(url).host,
      detail: (await tokens.find(name, url))
        ? l10n.t('its token is kept here')
        : l10n.t('asks for its token'),
      iconPath: new ThemeIcon('cloud'),
    })),
  )
  const emulator = {
    name: 'emulator',
    label: 'emulator',
    description: l10n.t('on this machine'),
    detail: l10n.t('The pinning service that comes with the emulator, to try it out'),
    iconPath: new ThemeIcon('vm'),
  }
  const describe = {
    label: l10n.t('Describe Another Service'),
    iconPath: new ThemeIcon('gear'),
    name: undefined,
  }
  const chosen = await window.showQuickPick([emulator, ...described, describe], {
    title: l10n.t('Pin Remotely'),
    placeHolder: l10n.t('At which pinning service?'),
  })
  const { name } = unlessGivenUp(chosen)
  if (name !== undefined) return name
  await commands.executeCommand('workbench.action.openSettings', 'wasmate.pinning')
  throw new WasmateError('CANCELLED')
}
