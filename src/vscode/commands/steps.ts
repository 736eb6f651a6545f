// The steps of the loop and of verifying, as a progress shows them.

import { l10n } from 'vscode'
import type { StepName } from '../../steps.ts'

/** What is done now that this step is over. */
export function sayStep(step: StepName): string {
  return {
    build: l10n.t('built'),
    pin: l10n.t('pinned'),
    register: l10n.t('registered'),
    event: l10n.t('event seen'),
    fetch: l10n.t('module fetched by its CID'),
    load: l10n.t('loaded'),
    invoke: l10n.t('invoked'),
    resolve: l10n.t('name resolved'),
    check: l10n.t('module compared with what is registered'),
    source: l10n.t('source fetched by its CID'),
    rebuild: l10n.t('rebuilt from source'),
    compare: l10n.t('bytes compared'),
    estimate: l10n.t('fee estimated'),
  }[step]
}
