// Tokens of pinning services: asked for once, and kept in the editor's secret storage alone.

import { type SecretStorage, l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import { unlessGivenUp } from '../command.ts'

export class PinningTokens {
  readonly #secrets: SecretStorage

  constructor(secrets: SecretStorage) {
    this.#secrets = secrets
  }

  /** The URL is a part of the key: a service that is moved elsewhere does not get the token of the one before. */
  async find(service: string, url: string): Promise<string | undefined> {
    return this.#secrets.get(keyOf(service, url))
  }

  /** Asks when none is kept. Throws CANCELLED. */
  async get(service: string, url: string): Promise<string> {
    const kept = await this.find(service, url)
    if (kept !== undefined) return kept
    const typed = await window.showInputBox({
      title: l10n.t('Token of {0}', service),
      prompt: l10n.t(
        'It goes to {0} alone and is kept in the secret storage of this editor.',
        new URL(url).host,
      ),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (isUsable(text.trim()) || text === '' ? undefined : sayUnusable()),
    })
    const token = unlessGivenUp(typed).trim()
    await this.keep(service, url, token)
    return token
  }

  /** Throws PINNING_TOKEN_MISSING; the token is not shown. */
  async keep(service: string, url: string, token: string): Promise<void> {
    if (!isUsable(token)) throw new WasmateError('PINNING_TOKEN_MISSING', sayUnusable())
    await this.#secrets.store(keyOf(service, url), token)
  }

  async forget(service: string, url: string): Promise<void> {
    await this.#secrets.delete(keyOf(service, url))
  }
}

function keyOf(service: string, url: string): string {
  return `wasmate.pinning ${service} ${url}`
}

function isUsable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token)
}

function sayUnusable(): string {
  return l10n.t('it is empty or has characters that no header carries')
}
