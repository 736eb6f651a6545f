// The steps of a deployment, told in the order of the loop.

import { type Report, type Step, elapsed } from '../../steps.ts'

/** The event can arrive before the registration is acknowledged; people are told in the order of the loop. */
export class StepsInOrder {
  readonly #report: Report
  readonly #early: Step[] = []
  #registeredAt: number | undefined

  constructor(report: Report) {
    this.#report = report
  }

  follow(step: Step): void {
    if (this.#registeredAt === undefined) this.#early.push(step)
    else this.#report(step.step === 'event' ? { ...step, ms: elapsed(this.#registeredAt) } : step)
  }

  registered(): void {
    this.#registeredAt = performance.now()
    this.#early.splice(0).forEach(this.#report)
  }
}
