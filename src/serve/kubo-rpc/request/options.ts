// Values of options as Go's flag parsing takes them (go-ipfs-cmds, option.go), so that what Kubo refuses is refused.

import { WasmateError } from '../../../base/errors.ts'

export type OptionType = 'bool' | 'int' | 'int64' | 'uint' | 'uint64' | 'string' | 'array'

const trueWords = new Set(['', '1', 't', 'true'])
const falseWords = new Set(['0', 'f', 'false'])

/** `undefined` for what is no boolean; a flag without a value is set. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (trueWords.has(word)) return true
  return falseWords.has(word) ? false : undefined
}

/** Decimal, or with the prefix 0x, 0o, 0b or 0; `undefined` for what is no whole number. */
export function parseWhole(text: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)([0-9a-zA-Z_]+)$/.exec(text) ?? []
  const plain = digits.replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, '')
  if (!/^(0x[0-9a-f]+|0o?[0-7]+|0b[01]+|0|[1-9][0-9]*)$/i.test(plain)) return undefined
  const value = BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain.toLowerCase())
  return sign === '-' ? -value : value
}

/** Smallest and largest value; `int` and `uint` have 32 bits in Kubo. */
const ranges: Partial<Record<OptionType, [bigint, bigint]>> = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

/** Throws INPUT_INVALID in Kubo's words. */
export function checkOption(name: string, type: OptionType, values: string[]): void {
  if (type === 'array') return
  const [value = '', ...more] = values
  if (more.length > 0) {
    const list = values.join(' ')
    throw new WasmateError(
      'INPUT_INVALID',
      `expected key ${name} to have only a single value, received [${list}]`,
    )
  }
  if (isOfType(value, type)) return
  const shown = value === '' ? 'empty value' : `value ${JSON.stringify(value)}`
  throw new WasmateError(
    'INPUT_INVALID',
    `could not convert ${shown} to type "${type}" (for option "-${name}")`,
  )
}

function isOfType(value: string, type: OptionType): boolean {
  if (type === 'bool') return parseBoolean(value) !== undefined
  const range = ranges[type]
  if (!range) return true
  const whole = parseWhole(value)
  return whole !== undefined && whole >= range[0] && whole <= range[1]
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Go's durations (`1m30s`, `250ms`) in milliseconds; throws INPUT_INVALID. */
export function parseDuration(text: string): number {
  const isDuration = /^\+?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text) || text === '0'
  if (!isDuration) throw new WasmateError('INPUT_INVALID', `time: invalid duration ${JSON.stringify(text)}`)
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)]
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0)
}
