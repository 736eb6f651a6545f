// One step of the loop as one line: its name, its milliseconds, and what it found out.

import { formatStrk } from '../registry/paid/cost.ts'
import type { Step, StepName } from '../steps.ts'

type Facts = Step['facts']

const describers: Record<StepName, (facts: Facts) => string> = {
  build: ({ bytes, toolchain, exports }) =>
    `${say(bytes)} B  ${say(toolchain ?? 'ready module')}  exports ${say(exports)}`,
  pin: ({ cid, size }) => `${say(cid)}  ${say(size)} B`,
  register: (facts) => {
    if (facts['state'] === 'pending')
      return 'waits for the chain; until then the function is called by its CID'
    const { name, version, transaction, block } = facts
    const where = transaction ? `transaction ${say(transaction)}  block ${say(block)}` : 'already registered'
    return `${say(name)} v${say(version)}  ${where}`
  },
  event: ({ name, version, block }) => `${say(name)} v${say(version)}  block ${say(block)}`,
  fetch: ({ cid, bytes }) => `${say(cid)}  ${say(bytes)} B, every block verified`,
  load: ({ cid }) => `${say(cid)}  ready`,
  resolve: ({ name, version, cid }) =>
    version === 0 ? `${say(name)} is free` : `${say(name)} v${say(version)}  ${say(cid)}`,
  check: ({ failed }) => (failed === 0 ? 'as registered' : `${say(failed)} failed`),
  source: ({ cid, files }) => `${say(cid)}  ${say(files)} files, every block verified`,
  rebuild: ({ bytes, toolchain }) => `${say(bytes)} B  ${say(toolchain)}`,
  compare: ({ differingBytes }) =>
    differingBytes === 0 ? 'the same bytes' : `${say(differingBytes)} bytes differ`,
  estimate: ({ estimate, maximum }) =>
    `fee ${formatStrk(BigInt(say(estimate)))}, at most ${formatStrk(BigInt(say(maximum)))}`,
  invoke: ({ url, cid, output, outputBase64 }) =>
    `${say(url)}  answered by ${say(cid)}\n\n    ${say(output ?? outputBase64)}\n`,
}

export function describeStep({ step, ms, facts }: Step): string {
  return `${step.padEnd(9)}${`${ms.toFixed(1)} ms`.padStart(11)}  ${describers[step](facts)}`
}

function say(fact: unknown): string {
  if (Array.isArray(fact)) return fact.join(', ')
  return typeof fact === 'string' || typeof fact === 'number' ? String(fact) : JSON.stringify(fact)
}
