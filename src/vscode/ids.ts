// Every id that package.json contributes, as the code calls it; a test holds the two equal.

export const scheme = 'ipfs'

/** Of documents that say what a command found. */
export const reportScheme = 'wasmate-report'

/** Documents of the doctor. */
export const doctorScheme = 'wasmate-doctor'

/** What `when` clauses ask for. */
export const contextKeys = {
  /** stopped, starting, running, stopping, failed; none where no emulator can be. */
  state: 'wasmate.state',
  hasFunctions: 'wasmate.hasFunctions',
  /** An account of the chosen network is kept here. */
  hasAccount: 'wasmate.hasAccount',
  /** A function's source was changed and saved in this window. */
  saved: 'wasmate.saved',
  /** A function's source is edited, and no launch.json says what F5 does. */
  debugsEditor: 'wasmate.debugsEditor',
} as const

export const commands = {
  openCid: 'wasmate.openCid',
  newFunction: 'wasmate.newFunction',
  verify: 'wasmate.verify',
  diff: 'wasmate.diff',
  rollback: 'wasmate.rollback',
  yank: 'wasmate.yank',
  transfer: 'wasmate.transfer',
  acceptOwnership: 'wasmate.acceptOwnership',
  exportCar: 'wasmate.exportCar',
  pin: 'wasmate.pin',
  forgetPinningToken: 'wasmate.forgetPinningToken',
  chooseNetwork: 'wasmate.chooseNetwork',
  chooseAccount: 'wasmate.chooseAccount',
  importAccount: 'wasmate.importAccount',
  forgetAccount: 'wasmate.forgetAccount',
  publishRegistry: 'wasmate.publishRegistry',
  build: 'wasmate.build',
  buildAll: 'wasmate.buildAll',
  deploy: 'wasmate.deploy',
  deployTo: 'wasmate.deployTo',
  pinLocally: 'wasmate.pinLocally',
  register: 'wasmate.register',
  invoke: 'wasmate.invoke',
  runWith: 'wasmate.runWith',
  runAgain: 'wasmate.runAgain',
  replay: 'wasmate.replay',
  debug: 'wasmate.debug',
  showInvocation: 'wasmate.showInvocation',
  emulatorActions: 'wasmate.emulatorActions',
  startEmulator: 'wasmate.startEmulator',
  stopEmulator: 'wasmate.stopEmulator',
  restartEmulator: 'wasmate.restartEmulator',
  resetEmulator: 'wasmate.resetEmulator',
  saveSnapshot: 'wasmate.saveSnapshot',
  restoreSnapshot: 'wasmate.restoreSnapshot',
  doctor: 'wasmate.doctor',
  showLogs: 'wasmate.showLogs',
  copyDiagnostics: 'wasmate.copyDiagnostics',
  refresh: 'wasmate.refresh',
  filterRegistry: 'wasmate.filterRegistry',
  clearFilter: 'wasmate.clearFilter',
  loadMore: 'wasmate.loadMore',
  clearInvocations: 'wasmate.clearInvocations',
  copyCid: 'wasmate.copyCid',
  copyName: 'wasmate.copyName',
  copyAddress: 'wasmate.copyAddress',
  copyUrl: 'wasmate.copyUrl',
  openUrl: 'wasmate.openUrl',
  copyInput: 'wasmate.copyInput',
  copyOutput: 'wasmate.copyOutput',
} as const

/** The container of the sidebar. */
export const container = 'wasmate'

export const views = {
  functions: 'wasmate.functions',
  registry: 'wasmate.registry',
  emulator: 'wasmate.emulator',
  invocations: 'wasmate.invocations',
} as const

/** In the container of VS Code's debugger. */
export const debugViews = {
  host: 'wasmate.debugHost',
} as const

/** Of webviews. */
export const panels = {
  invocation: 'wasmate.invocation',
} as const

/** Of debug configurations. */
export const debugType = 'wasmate'

/** Tools of language models. */
export const tools = {
  list: 'wasmate_list',
  invoke: 'wasmate_invoke',
} as const

/** Who provides MCP servers, from VS Code 1.101. */
export const mcpProvider = 'wasmate.functions'
