// Every text of the invocation view's page, in the editor's language; {0} and {1} are filled in there.

import { l10n } from 'vscode'

export type Texts = ReturnType<typeof readActions> &
  ReturnType<typeof readFacts> &
  ReturnType<typeof readBodies> &
  ReturnType<typeof readLists>

export function readTexts(): Texts {
  return { ...readActions(), ...readFacts(), ...readBodies(), ...readLists() }
}

const readActions = () => ({
  answered: l10n.t('Answered'),
  failed: l10n.t('Failed'),
  actions: l10n.t('Actions'),
  runAgain: l10n.t('Run again'),
  runWith: l10n.t('Run with...'),
  debug: l10n.t('Debug'),
  replay: l10n.t('Replay'),
  running: l10n.t('Running...'),
  copy: l10n.t('Copy'),
  copied: l10n.t('Copied'),
  copyCid: l10n.t('Copy CID'),
  copyReceipt: l10n.t('Copy CID of the receipt'),
  openCid: l10n.t('Open CID'),
  save: l10n.t('Save as file'),
})

const readFacts = () => ({
  facts: l10n.t('Facts'),
  function: l10n.t('Function'),
  export: l10n.t('Export'),
  version: l10n.t('Version'),
  duration: l10n.t('Duration'),
  time: l10n.t('Time'),
  via: l10n.t('Called'),
  viaEditor: l10n.t('by hand'),
  viaHttp: l10n.t('over HTTP'),
  receipt: l10n.t('Receipt'),
  fuel: l10n.t('Fuel'),
  instructions: l10n.t('{0} instructions'),
  notCounted: l10n.t('not counted: {0}'),
  recording: l10n.t('Recording'),
  faithful: l10n.t('faithful: a replay comes to the same'),
  notFaithful: l10n.t('not faithful: {0}'),
  next: l10n.t('Next step'),
  places: l10n.t('Places in the source'),
  callStack: l10n.t('Call stack'),
  noLines: l10n.t('No lines of the source'),
})

const readBodies = () => ({
  parts: l10n.t('Parts of the call'),
  input: l10n.t('Input'),
  output: l10n.t('Output'),
  shownAs: l10n.t('Shown as'),
  text: l10n.t('Text'),
  json: l10n.t('JSON'),
  hex: l10n.t('Hex'),
  image: l10n.t('Image'),
  bytes: l10n.t('{0} bytes'),
  oneByte: l10n.t('1 byte'),
  noBytes: l10n.t('Nothing: no bytes.'),
  noOutput: l10n.t('It gave no output.'),
  cut: l10n.t('Only the first {0} of {1} bytes are kept.'),
  cutHere: l10n.t('Only the first {0} are shown.'),
  notText: l10n.t('These bytes are no UTF-8 text: what can not be read is shown as \ufffd.'),
  notImage: l10n.t('This image can not be shown.'),
  imageOf: l10n.t('{0} image, {1} pixels'),
})

const readLists = () => ({
  logs: l10n.t('Logs'),
  levels: l10n.t('Levels that are shown'),
  level: l10n.t('Level'),
  message: l10n.t('Message'),
  noLogs: l10n.t('It logged nothing.'),
  noneShown: l10n.t('No line of these levels.'),
  hostCalls: l10n.t('Host calls'),
  noHostCalls: l10n.t('It asked nothing of its host.'),
  notTraced: l10n.t('Host calls are not recorded for this call.'),
  dropped: l10n.t('{0} more were not recorded.'),
  at: l10n.t('At'),
  took: l10n.t('Took'),
  call: l10n.t('Call'),
  asked: l10n.t('Asked'),
  gotBack: l10n.t('Got back'),
})
