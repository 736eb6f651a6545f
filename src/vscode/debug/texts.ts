// What a debug session says, in the editor's language.

import { l10n } from 'vscode'
import type { SessionTexts } from '../../debug/session/target.ts'

export function sessionTexts(): SessionTexts {
  return {
    locals: l10n.t('Locals'),
    globals: l10n.t('Globals'),
    library: l10n.t('AssemblyScript library'),
    noCode: l10n.t('There is no code on this line, and none after it in this file.'),
    otherFile: l10n.t('This file is not part of the function that is debugged.'),
    notStopped: l10n.t('The function runs; pause it first.'),
    trap: l10n.t('Trap'),
    trapFilter: l10n.t('Traps'),
    trapDescription: l10n.t('Stops where the function traps, or where its host refuses what it asks for.'),
    refused: l10n.t('The host refused'),
    goesBack: l10n.t('Going back'),
    wentBack: (stops, milliseconds) =>
      l10n.t('Went back by replaying the call from its beginning: stop {0}, in {1} ms.', stops, milliseconds),
    isAtBeginning: l10n.t('The call begins here: there is no stop before this one.'),
    answered: (milliseconds, bytes) => l10n.t('Answered {0} bytes after {1} ms:', bytes, milliseconds),
    failed: (code, detail) => l10n.t('The call failed: {0}: {1}', code, detail),
  }
}
