// The Server-Timing header: who was asked for the first blocks and how long that took, in Lassie's words.

import type { SessionEvent } from '../../content/retrieval/session-event.ts'

/** Moments after the start of the fetch, in milliseconds. */
interface Attempt {
  startedAt: number
  firstByteAt?: number
  failedAt?: number
}

/** Takes the events of one session until the header is written. */
export class Timing {
  readonly #startedAt = performance.now()
  readonly #attempts = new Map<string, Attempt>()
  readonly #routers: { candidates: number; at: number }[] = []

  /** Whether there was anybody to ask. */
  get hadCandidates(): boolean {
    return this.#attempts.size > 0
  }

  observe(event: SessionEvent): void {
    if (event.kind === 'routed') {
      this.#routers.push({ candidates: event.providers.length, at: this.#now() })
    } else if (event.kind === 'asked' && !this.#attempts.has(event.gateway)) {
      this.#attempts.set(event.gateway, { startedAt: this.#now() })
    } else if (event.kind === 'first-byte') {
      const attempt = this.#attempts.get(event.gateway)
      if (attempt) attempt.firstByteAt ??= this.#now()
    } else if (event.kind === 'failed') {
      const attempt = this.#attempts.get(event.gateway) ?? { startedAt: this.#now() }
      attempt.failedAt ??= this.#now()
      this.#attempts.set(event.gateway, attempt)
    }
  }

  /** As the daemon has it: `dur` in milliseconds, what happened in nanoseconds after its start. */
  header(): string {
    const finding = this.#routers.map(
      ({ candidates, at }) => `finding-candidates;dur=${at.toFixed(3)};candidates-found=${candidates}`,
    )
    const retrievals = [...this.#attempts].map(([gateway, attempt]) =>
      describeAttempt(gateway, attempt, this.#now()),
    )
    const all = [...finding, ...retrievals]
    return all.length > 0 ? all.join(', ') : `local;dur=${this.#now().toFixed(3)}`
  }

  #now(): number {
    return performance.now() - this.#startedAt
  }
}

function describeAttempt(
  gateway: string,
  { startedAt, firstByteAt, failedAt }: Attempt,
  now: number,
): string {
  const name = URL.canParse(gateway) ? new URL(gateway).host : gateway
  const parts = [
    // A name is a token (RFC 9110 section 5.6.2), which knows no colon.
    `retrieval-${name.replace(/[^\w.-]/g, '_')}`,
    `dur=${((failedAt ?? now) - startedAt).toFixed(3)}`,
  ]
  const after = (moment: number): string => String(Math.round((moment - startedAt) * 1e6))
  if (firstByteAt !== undefined) parts.push(`first-byte-received=${after(firstByteAt)}`)
  if (failedAt !== undefined) parts.push(`failed-retrieval=${after(failedAt)}`)
  return parts.join(';')
}
