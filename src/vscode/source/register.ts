// What the extension adds to sources: lenses, problems, answers, save and run, tasks, and the commands that run them.

import { Disposable, type ExtensionContext } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { NetworkAccounts } from '../commands/network/accounts.ts'
import { ChosenNetwork } from '../commands/networks.ts'
import { PinningTokens } from '../commands/pinning/tokens.ts'
import { RememberedInputs } from './input.ts'
import { registerRunning } from './run.ts'
import { type Answers, registerAnswers } from './answers.ts'
import { registerBrokenCalls } from './calls/broken.ts'
import { registerSourceCommands } from './commands.ts'
import { Deployments } from './deployments.ts'
import { SourceFunctions } from './functions.ts'
import { registerLenses } from './lenses.ts'
import { registerProblems } from './problems.ts'
import { registerSaving } from './saving.ts'
import { registerTasks } from './tasks.ts'
import { registerTypes } from './types.ts'

export interface Source extends Disposable {
  answers: Answers
  functions: SourceFunctions
  inputs: RememberedInputs
}

export function registerSource(emulators: Emulators, context: ExtensionContext): Source {
  const functions = new SourceFunctions(emulators)
  const inputs = new RememberedInputs(context.workspaceState)
  const network = new ChosenNetwork(context.workspaceState)
  const parts = {
    ...{ emulators, context, functions, inputs, deployments: new Deployments(), network },
    ...{ accounts: new NetworkAccounts(context), tokens: new PinningTokens(context.secrets) },
  }
  const [answers, ...shown] = registerAnswers(emulators, functions)
  const registered = Disposable.from(
    functions,
    registerLenses(functions),
    registerProblems(functions),
    answers,
    ...shown,
    registerBrokenCalls(functions, answers),
    ...registerSourceCommands(parts),
    ...registerRunning(parts),
    registerSaving(parts),
    registerTasks(parts),
    registerTypes(functions, context.extensionPath),
  )
  return { answers, functions, inputs, dispose: (): void => void registered.dispose() }
}
