// One step of the loop as one line: its name, its milliseconds, and what it found out.

import type { Step, StepName } from '../steps.ts'

type Facts = Step['facts']

const describers: Record<StepName, (facts: Facts) => string> = {
  build: ({ bytes, toolchain, exports }) =>
    `${bytes} B  ${toolchain ?? 'ready module'}  exports ${list(exports)}`,
  pin: ({ cid, size }) => `${cid}  ${size} B`,
  register: ({ state, name, version, transaction, block }) =>
    state === 'pending'
      ? 'waits for the chain; until then the function is called by its CID'
      : `${name} v${version}${where(state, transaction, block)}`,
  event: ({ name, version, block }) => `${name} v${version}  block ${block}`,
  fetch: ({ cid, bytes }) => `${cid}  ${bytes} B, every block verified`,
  load: ({ cid }) => `${cid}  ready`,
  invoke: ({ url, cid, output, outputBase64 }) =>
    `${url}  answered by ${cid}\n\n    ${output ?? outputBase64}\n`,
}

export function describeStep({ step, ms, facts }: Step): string {
  return `${step.padEnd(9)}${`${ms.toFixed(1)} ms`.padStart(11)}  ${describers[step](facts)}`
}

function where(state: unknown, transaction: unknown, block: unknown): string {
  return state === 'unchanged' ? '  already registered' : `  transaction ${transaction}  block ${block}`
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value)
}
