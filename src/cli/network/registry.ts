// wasmate registry publish: our contract on a network, and from then on the registry of that network here.

import { publishRegistry } from '../../flows/deploying/registry.ts'
import { formatStrk } from '../../registry/paid/cost.ts'
import type { Session } from '../session.ts'
import { remember } from './remembered.ts'
import { type WritingOptions, openTarget } from './target.ts'

export async function registryPublishVerb(session: Session, options: WritingOptions): Promise<void> {
  const { output, signal, environment } = session
  const { network } = options
  const target = await openTarget(session, options)
  const context = { signal, report: output.progress }
  const published = await publishRegistry(target, environment.contractsFolder, context)
  const { address, state, fee } = published
  await remember(session, network, { registry: address })
  const done =
    state === 'published' ? `published for ${formatStrk(BigInt(fee))}` : 'there already; nothing was sent'
  const setting = `{"${network}":{"registry":"${address}","kind":"wasmate"}}`
  output.result(
    published,
    `${address}  ${done}\n  it is the registry of ${network} here; elsewhere: --set networks.profiles='${setting}'`,
  )
}
