// What is taken for a secret by its name, and how it is taken out of what is stored.

/** Stands where a secret was; plain letters, so that it passes through URLs and headers as it is. */
export const redacted = 'redacted'

const secretWords =
  /key|token|secret|passw|pwd|passphrase|auth|bearer|jwt|cookie|credential|private|session|signature|mnemonic/i

/** A text this short would be found everywhere. */
const minSecretLength = 6

/** A key that tells calls apart opens nothing. */
export function isSecretName(name: string): boolean {
  return secretWords.test(name) && !/^idempotency-key$/i.test(name)
}

/** The same names; a value whose name says that it is a secret is `redacted`, and so is what is one in a URL. */
export function redactValues(values: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(values)
  return Object.fromEntries(entries.map(([name, value]) => [name, redactValue(name, value)]))
}

/** The value as it may be stored: the same where nothing of it is secret. */
export function redactValue(name: string, value: string): string {
  if (isSecretName(name)) return redacted
  return secretsOfUrl(value).length === 0 ? value : redactUrl(value)
}

/** The values that `redactValues` takes out, to be taken out of wherever else they stand. */
export function secretValues(values: Readonly<Record<string, string>>): string[] {
  const secrets = Object.entries(values).flatMap(([name, value]) =>
    isSecretName(name) ? [value] : secretsOfUrl(value),
  )
  return secrets.filter(({ length }) => length >= minSecretLength)
}

/** `postgres://user:password@host`, `https://host/?token=...`: what would let others in. */
function secretsOfUrl(text: string): string[] {
  if (!text.includes('://') || !URL.canParse(text)) return []
  const { password, searchParams } = new URL(text)
  const named = [...searchParams].filter(([name, value]) => isSecretName(name) && value !== '')
  return [...(password === '' ? [] : [password]), ...named.map(([, value]) => value)]
}

/** The text without the secrets, as they are and as URLs have them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
}

/** Without user, password and whatever in the query is a secret by its name. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  if (parsed.username) parsed.username = redacted
  if (parsed.password) parsed.password = redacted
  for (const name of new Set(parsed.searchParams.keys())) {
    if (isSecretName(name)) parsed.searchParams.set(name, redacted)
  }
  return parsed.href
}
