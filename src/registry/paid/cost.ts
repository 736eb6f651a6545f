// What a transaction is going to cost, and the bounds that it is signed with: never more than the maximum.

import { WasmateError } from '../../base/errors.ts'
import { type Bound, type Bounds, mapBounds } from './drafts.ts'

/** What the RPC estimates, as it is. */
export interface Estimate {
  l1_gas: Bound
  l2_gas: Bound
  l1_data_gas: Bound
}

/** All in FRI, of which a STRK has 10^18. */
export interface Price {
  /** At the prices of now. */
  estimate: bigint
  /** What is signed: more can't be taken. */
  maximum: bigint
  /** Of the account, before. */
  balance: bigint
}

/** Of one transaction. */
export interface Cost extends Price {
  bounds: Bounds
}

/** Gas that checking the signature takes, which an unsigned estimate knows nothing of. */
const validationGas = 500_000n

/** Room for what changes until the transaction's block, in percent: gas by the state, and prices. */
const gasRoom = 130n
const priceRoom = 150n
const leastPriceRoom = 105n

/**
 * Of transactions that are agreed to at once. Prices may rise by a half; where maximum or balance leave less room than
 * that for all of them together, they get less. Throws FEE_OVER_MAXIMUM or FUNDS_MISSING where not even a twentieth is
 * left.
 */
export function toCosts(
  found: readonly Estimate[],
  limits: { balance: bigint; maximum?: bigint | undefined },
): Cost[] {
  const { balance, maximum = balance } = limits
  const estimate = total(found.map(sum))
  const all = found.map(withGasRoom)
  const now = total(all.map(sum))
  const cap = maximum < balance ? maximum : balance
  const least = (now * leastPriceRoom) / 100n
  if (least > cap) {
    const needed = `${formatStrk(least)} have to be set aside, of which ${formatStrk(estimate)} are likely to be taken`
    if (balance < least)
      throw new WasmateError('FUNDS_MISSING', `${needed}; the account has ${formatStrk(balance)}`)
    throw new WasmateError('FEE_OVER_MAXIMUM', `${needed}; the maximum is ${formatStrk(maximum)}`)
  }
  const wanted = (now * priceRoom) / 100n
  const granted = wanted < cap ? wanted : cap
  return all.map((amounts, index) => {
    const bounds = mapBounds(amounts, ({ amount, price }) => ({
      ...{ amount, price: now === 0n ? 0n : (price * granted) / now },
    }))
    return { estimate: sum(found[index] ?? amounts), maximum: sum(bounds), balance, bounds }
  })
}

export function addUp(costs: readonly Price[]): Price {
  const [{ balance = 0n } = {}] = costs
  const [estimate, maximum] = [
    total(costs.map((each) => each.estimate)),
    total(costs.map((each) => each.maximum)),
  ]
  return { estimate, maximum, balance }
}

function withGasRoom(found: Estimate): Bounds {
  const amounts = mapBounds(found, ({ amount, price }) => ({ amount: (amount * gasRoom) / 100n, price }))
  amounts.l2_gas.amount += validationGas
  return amounts
}

/** Whether what is estimated now fits into bounds that were agreed on before. */
export function fits(found: Estimate, { bounds }: Cost): boolean {
  const kinds = ['l1_gas', 'l2_gas', 'l1_data_gas'] as const
  return kinds.every((kind) => {
    const { amount, price } = found[kind]
    return amount <= bounds[kind].amount && (amount === 0n || price <= bounds[kind].price)
  })
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n)
}

function sum({ l1_gas, l2_gas, l1_data_gas }: Bounds): bigint {
  return total([l1_gas, l2_gas, l1_data_gas].map(({ amount, price }) => amount * price))
}

const friPerStrk = 10n ** 18n

/** `0.0123 STRK`, to six digits after the point; rounded up, so that a fee is never shown as less. */
export function formatStrk(fri: bigint): string {
  const micro = (fri + 10n ** 12n - 1n) / 10n ** 12n
  const rest = (micro % 10n ** 6n).toString().padStart(6, '0').replace(/0+$/, '')
  return `${micro / 10n ** 6n}${rest && `.${rest}`} STRK`
}

/** `0.5` or `2`, in STRK; throws INPUT_INVALID. */
export function parseStrk(text: string): bigint {
  const [, whole = '', rest = ''] = /^(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text.trim()) ?? []
  if (whole === '') throw new WasmateError('INPUT_INVALID', `${text} is no amount of STRK, such as 0.5`)
  return BigInt(whole) * friPerStrk + BigInt(rest.padEnd(18, '0'))
}
