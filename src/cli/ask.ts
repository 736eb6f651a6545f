// wasmate status, list, down: questions to a running emulator.

import { printable } from '../base/printable.ts'
import { attach } from '../client/control.ts'
import type { EmulatorStatus } from '../client/messages.ts'
import { stopEmulator } from '../client/stopping.ts'
import type { ListedFunction } from '../model.ts'
import { openNames } from './names.ts'
import { describeProgress } from './output.ts'
import type { Session } from './session.ts'

export async function statusVerb({ workspace, output, signal }: Session): Promise<void> {
  const client = await attach(workspace, signal)
  const status = await client.status(signal)
  output.result(status, describeStatus(status))
}

export async function listVerb(
  session: Session,
  { network, offset, limit }: { network: string; offset: number; limit: number },
): Promise<void> {
  const { output, signal } = session
  const functions = await (await openNames(session, network)).list({ offset, limit }, signal)
  output.result({ functions }, functions.map(describeFunction).join('\n') || 'no function is registered')
}

/** Nothing running is a success, since that is what was wanted. */
export async function downVerb({ workspace, output, signal }: Session): Promise<void> {
  const ended = await stopEmulator(workspace, signal)
  if (!ended) return output.result({ stopped: false }, 'no emulator was running')
  output.result({ stopped: true, pid: ended.pid }, `stopped (process ${ended.pid})`)
}

export function describeStatus(status: EmulatorStatus): string {
  const { urls, chain, pending, problems } = status
  const progress = chain.progress ? `: ${describeProgress(chain.progress)}` : ''
  const problem = chain.problem ? `: ${chain.problem.detail}\n             next: ${chain.problem.next}` : ''
  return [
    `emulator   process ${status.pid}, up ${Math.round(status.uptimeMs / 1000)} s, ${status.folder}`,
    `chain      ${chain.state}${progress}${problem}`,
    `registry   ${status.registry ?? 'not there yet'}`,
    `functions  ${urls.functions}  (${status.serving} answer${pending.length ? `, ${pending.length} wait to be registered` : ''})`,
    `rpc        ${urls.rpc}`,
    `kubo       ${urls.kubo}`,
    `gateway    ${urls.gateway}`,
    `lassie     ${urls.lassie}`,
    ...(urls.pinning ? [`pinning    ${urls.pinning}`] : []),
    `control    ${urls.control}`,
    ...problems.map(({ name, version, problem: { code, detail, next } }) => {
      return (
        printable(`${name} v${version} does not answer: ${code}: ${detail}`) + `\n             next: ${next}`
      )
    }),
  ].join('\n')
}

function describeFunction({ name, current, owner }: ListedFunction): string {
  const points = current ? `v${current.version}  ${printable(current.cid)}  ${current.size} B` : 'yanked'
  return `${printable(name).padEnd(31)}  ${points}  ${owner}`
}
