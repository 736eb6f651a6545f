// wasmate.test.json in the Test Explorer: found, kept up to date, run when asked, or at every save.

import {
  type CancellationToken,
  Disposable,
  type ExtensionContext,
  type TestController,
  type TestRunProfile,
  type TestRunRequest,
  TestRunProfileKind,
  type TextDocument,
  type Uri,
  l10n,
  tests,
  workspace,
} from 'vscode'
import type { DebuggedCases } from '../debug/cases.ts'
import { Finder, isCaseFile } from './finder.ts'
import type { Chosen } from './shown.ts'

/** The Test Explorer's, as tests of it see them. */
export interface Testing extends Disposable {
  controller: TestController
  profile: TestRunProfile
  /** Runs the same, and shows what of the sources has run. */
  coverage: TestRunProfile
  /** Calls each under the debugger. */
  debug: TestRunProfile
}

/** Nothing is sought before the Test Explorer asks, or a file with cases is opened. */
export function registerTesting(context: ExtensionContext, debugged: DebuggedCases): Testing {
  const controller = tests.createTestController('wasmate', 'Wasmate')
  const finder = new Finder(controller)
  const explorer = new Explorer(controller, finder, {
    entry: context.asAbsolutePath('dist/cli.mjs'),
    debugged,
  })
  controller.resolveHandler = async (item) => {
    if (!item) await finder.find()
  }
  controller.refreshHandler = () => finder.findAgain()
  const onOpened = ({ uri }: TextDocument): void => {
    if (isCaseFile(uri)) void finder.find()
  }
  workspace.textDocuments.forEach(onOpened)
  const add = (label: string, kind: TestRunProfileKind): TestRunProfile => {
    const how = { kind }
    const run = (request: TestRunRequest, token: CancellationToken): Promise<void> =>
      request.continuous ? explorer.runAtSaves(request, token, how) : explorer.run(request, token, how)
    // A session at every save would be in the way.
    const isContinuous = kind !== TestRunProfileKind.Debug
    return controller.createRunProfile(label, kind, run, true, undefined, isContinuous)
  }
  const profile = add(l10n.t('Run'), TestRunProfileKind.Run)
  const coverage = add(l10n.t('Run with Coverage'), TestRunProfileKind.Coverage)
  const debug = add(l10n.t('Debug'), TestRunProfileKind.Debug)
  coverage.loadDetailedCoverage = async (_run, file) => (await import('./coverage.ts')).loadDetails(file)
  const opening = workspace.onDidOpenTextDocument(onOpened)
  const all = Disposable.from(controller, finder, profile, coverage, debug, opening)
  return { controller, profile, coverage, debug, dispose: () => void all.dispose() }
}

interface How {
  kind: TestRunProfileKind
  /** Only cases of the function that this file is of. */
  beside?: Uri
}

interface ExplorerParts {
  /** File of the command line. */
  entry: string
  debugged: DebuggedCases
}

class Explorer {
  readonly #controller: TestController
  readonly #finder: Finder
  readonly #parts: ExplorerParts

  constructor(controller: TestController, finder: Finder, parts: ExplorerParts) {
    this.#controller = controller
    this.#finder = finder
    this.#parts = parts
  }

  async run(request: TestRunRequest, token: CancellationToken, { beside, kind }: How): Promise<void> {
    const stopper = new AbortController()
    const listening = token.onCancellationRequested(() => stopper.abort())
    if (token.isCancellationRequested) stopper.abort()
    try {
      await this.#finder.find()
      const chosen = this.#choose(request).filter(({ uri }) => !beside || isBeside(beside, uri))
      if (chosen.length === 0) return
      const run = this.#controller.createTestRun(request)
      const { entry, debugged } = this.#parts
      const { signal } = stopper
      if (kind === TestRunProfileKind.Debug) {
        const { debugTests } = await import('./debug.ts')
        await debugTests({ run, chosen, debugged, signal })
      } else {
        const { runTests } = await import('./run.ts')
        await runTests({ run, chosen, entry, signal, coverage: kind === TestRunProfileKind.Coverage })
      }
    } finally {
      listening.dispose()
    }
  }

  /** The cases of a function each time that one of its files is saved. */
  async runAtSaves(request: TestRunRequest, token: CancellationToken, how: How): Promise<void> {
    let last = Promise.resolve()
    const saving = workspace.onDidSaveTextDocument(({ uri }) => {
      // One after the other: what runs tells what was saved before.
      last = last.then(() => this.run(request, token, { ...how, beside: uri })).catch(() => undefined)
    })
    await new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()))
    saving.dispose()
    await last
  }

  /** What is asked for, by function: of each either all of its cases or some. */
  #choose({ include, exclude = [] }: TestRunRequest): Chosen[] {
    const isWanted = (id: string, functionId: string): boolean =>
      include === undefined ||
      include.some((each) => each.id === functionId || (each.id === id && each.parent?.id === functionId))
    const isExcluded = (id: string, functionId: string): boolean =>
      exclude.some((each) => each.id === functionId || (each.id === id && each.parent?.id === functionId))
    return [...this.#controller.items].flatMap(([functionId, item]) => {
      const cases = [...item.children].map(([, each]) => each)
      const wanted = cases.filter(({ id }) => isWanted(id, functionId) && !isExcluded(id, functionId))
      if (!item.uri || wanted.length === 0) return []
      return [{ uri: item.uri, item, cases: wanted, isAll: wanted.length === cases.length }]
    })
  }
}

/** Whether a file is one of the function that this file has the cases of. */
function isBeside(file: Uri, caseFile: Uri): boolean {
  return file.toString().startsWith(caseFile.toString().replace(/[^/]*$/, ''))
}
