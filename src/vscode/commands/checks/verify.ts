// Verify: whether a name holds what it promises, check by check, and to say so on the chain when all of it does.

import { commands, l10n } from 'vscode'
import { errorTable } from '../../../base/errors.ts'
import type { Verified } from '../../../client/messages.ts'
import { commands as ids } from '../../ids.ts'
import { runVisibly } from '../../progress.ts'
import { chooseName } from '../choose.ts'
import { type Desk, type Run, linkFor } from '../command.ts'
import type { Given } from '../given.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import type { NetworkChanges } from '../network/change.ts'
import type { ChosenNetwork } from '../networks.ts'
import type { Report, ReportAction, ReportLine, Reports } from './report.ts'
import { sayStep } from '../steps.ts'

export interface VerifyParts {
  network: ChosenNetwork
  reports: Reports
  changes: NetworkChanges
}

export function verifyCommand(desk: Desk, { network, reports, changes }: VerifyParts): Run {
  return async (given) => {
    const found = await verifyAndAttest(desk, changes, network.of(given), given)
    reports.show(toReport(found, network.of(given)))
    return found
  }
}

/** The emulator attests by itself; elsewhere only what was verified just now, with an account of that network. */
async function verifyAndAttest(
  desk: Desk,
  changes: NetworkChanges,
  network: string,
  given: Given,
): Promise<Verified> {
  const link = await linkFor(desk, given)
  if (network === 'emulator' || !given.attest) return verify(link, network, given)
  const found = await verify(link, network, { ...given, attest: false })
  if (found.checks.some(({ ok }) => !ok)) return found
  const { name, version, sha256 } = found
  const attest = { kind: 'attest', name, version, sha256 } as const
  const { receipt } = await changes.change(link, network, given, attest)
  return { ...found, attested: receipt ?? 'before' }
}

async function verify(link: EmulatorLink, network: string, given: Given): Promise<Verified> {
  const client = await link.require()
  const name = given.name ?? (await chooseName(client, network, l10n.t('Verify a Function')))
  const { version, attest } = given
  return runVisibly(l10n.t('Verifying {0}', name), (signal, say) =>
    client.stream(
      'verify',
      { name, network, version, attest },
      { signal, step: ({ step }) => say(sayStep(step)), report: ({ doing }) => say(doing) },
    ),
  )
}

type VerifiedCheck = Verified['checks'][number]

function toReport(found: Verified, network: string): Report {
  const { name, version, cid, sourceCid, verified, attested } = found
  const title = l10n.t('{0} v{1} on {2}', name, version, network)
  const outcome = verified
    ? l10n.t('Verified: the registered source gives the registered bytes')
    : l10n.t('NOT verified')
  return {
    path: `verify/${network}/${name} v${version}`,
    title,
    outcome: attested ? `${outcome}; ${sayAttested(attested)}` : outcome,
    lines: found.checks.map((check) => toLine(check, { cid, sourceCid })),
    actions: actionsOf(found, network),
  }
}

function sayAttested(attested: NonNullable<Verified['attested']>): string {
  return attested === 'before'
    ? l10n.t('attested by this account before')
    : l10n.t('attested in block {0}', attested.blockNumber)
}

function actionsOf(
  { name, version, cid, sourceCid, checks, attested }: Verified,
  network: string,
): ReportAction[] {
  const open = (title: string, icon: string, target: string): ReportAction => ({
    ...{ title, icon },
    run: async () => commands.executeCommand(ids.openCid, target),
  })
  const canAttest = !attested && checks.every(({ ok }) => ok)
  const attest: ReportAction = {
    title: l10n.t('Attest: say so on the chain, signed by your account'),
    icon: 'verified',
    run: async () => commands.executeCommand(ids.verify, { name, version, network, attest: true }),
  }
  return [
    ...(canAttest ? [attest] : []),
    ...(sourceCid ? [open(l10n.t('Open the Registered Source'), 'file-code', sourceCid)] : []),
    open(l10n.t('Open the Registered Module'), 'file-binary', cid),
  ]
}

function toLine(
  { what, ok, detail, code }: VerifiedCheck,
  { cid, sourceCid }: Pick<Verified, 'cid' | 'sourceCid'>,
): ReportLine {
  const opened = what === 'source' ? sourceCid || undefined : what === 'cid' ? cid : undefined
  return {
    mark: ok ? 'good' : what === 'yanked' ? 'warning' : 'bad',
    what: sayWhat(what),
    found: detail,
    meaning: code
      ? `${l10n.t(errorTable[code].message)}. ${l10n.t(errorTable[code].next)}`
      : sayMeaning(what),
    cid: opened,
  }
}

function sayMeaning(what: VerifiedCheck['what']): string {
  return {
    yanked: l10n.t('Its owner has not withdrawn this version.'),
    cid: l10n.t('The bytes that were fetched are those that the registered CID names.'),
    sha256: l10n.t('Their SHA-256 is the registered one.'),
    size: l10n.t('There are as many as registered.'),
    source: l10n.t('The source that was published with it is there, every block of it verified.'),
    rebuild: l10n.t('That source compiles here, confined to its own folder.'),
    bytes: l10n.t('Compiled here, the source gives the very same bytes: nothing was added to them.'),
    lock: l10n.t('This workspace counts on the same bytes.'),
  }[what]
}

function sayWhat(what: VerifiedCheck['what']): string {
  return {
    yanked: l10n.t('Not yanked'),
    cid: l10n.t('CID'),
    sha256: l10n.t('SHA-256'),
    size: l10n.t('Size'),
    source: l10n.t('Source'),
    rebuild: l10n.t('Rebuild'),
    bytes: l10n.t('Same bytes'),
    lock: l10n.t('wasmate.lock'),
  }[what]
}
