// Build, build all, pin, register and deploy: what takes a source up, as commands.

import { type Disposable, l10n, window, workspace } from 'vscode'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Built } from '../../client/messages.ts'
import type { Deployment, Pinned } from '../../flows/deploy.ts'
import { registerCommand } from '../telling.ts'
import { readGiven } from '../commands/given.ts'
import type { NetworkParts } from '../commands/network/deploy.ts'
import type { ChosenNetwork } from '../commands/networks.ts'
import { readConfig } from '../settings.ts'
import { sayStep } from '../commands/steps.ts'
import { commands as ids } from '../ids.ts'
import { runVisibly } from '../progress.ts'
import { formatBytes } from '../trees/words.ts'
import type { DeployContext, Deployments } from './deployments.ts'
import type { SourceFunction, SourceFunctions } from './functions.ts'
import { findFunction, noFunction, readAsked } from './target.ts'

export interface SourceParts extends NetworkParts {
  network: ChosenNetwork
  functions: SourceFunctions
  deployments: Deployments
}

/** Each gives what came of it. */
export function registerSourceCommands(parts: SourceParts): Disposable[] {
  const { functions } = parts
  return [
    registerCommand(ids.build, async (given) => {
      const found = await findFunction(functions, readAsked(given), l10n.t('Build a Function'))
      return show(await build(parts, found), sayBuilt)
    }),
    registerCommand(ids.buildAll, () => buildAll(parts)),
    registerCommand(ids.deploy, async (given) => {
      const found = await findFunction(functions, readAsked(given), l10n.t('Deploy a Function'))
      return show(await deploy(parts, found), sayDeployed)
    }),
    registerCommand(ids.register, async (given) => {
      const found = await findFunction(functions, readAsked(given), l10n.t('Register a Function'))
      return show(await register(found), sayDeployed)
    }),
    registerCommand(ids.deployTo, async (given) => {
      const title = l10n.t('Deploy to Network')
      const found = await findFunction(functions, readAsked(given), title)
      await saveAll(functions, found)
      const read = readGiven(given)
      const [{ chooseOther }, { deployThere, tellDeployedThere }] = await Promise.all([
        import('../commands/network/choose.ts'),
        import('../commands/network/deploy.ts'),
      ])
      const { networks } = await readConfig(found.link.folder)
      const network = read.network ?? (await chooseOther(parts.network, networks.profiles, title))
      const { name, path, link } = found
      const deployed = await deployThere(parts, { name, path, link, network }, read)
      void tellDeployedThere(deployed)
      return deployed
    }),
    registerCommand(ids.pinLocally, async (given) => {
      const found = await findFunction(functions, readAsked(given), l10n.t('Pin a Function'))
      return show(await pin(parts, found), ({ name, pin: { cid } }) =>
        l10n.t('{0} is pinned: {1}', name, cid),
      )
    }),
  ]
}

/** What is being edited counts as it is seen: it is saved first. */
export async function saveAll(functions: SourceFunctions, { path }: SourceFunction): Promise<void> {
  const open = workspace.textDocuments.filter(
    (document) => document.isDirty && document.uri.scheme === 'file',
  )
  for (const document of open) if (functions.of(document.uri)?.path === path) await document.save()
}

async function build({ functions }: SourceParts, found: SourceFunction): Promise<Built> {
  await saveAll(functions, found)
  return withSteps(l10n.t('Building {0}', found.name), found, (client, context) =>
    client.stream('build', { path: found.path }, context),
  )
}

/** Goes on after one that fails; throws the first failure. */
async function buildAll(parts: SourceParts): Promise<Built[]> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  const all = await parts.functions.list()
  if (all.length === 0) throw noFunction()
  const built: Built[] = []
  const failed: [name: string, error: WasmateError][] = []
  for (const each of all) {
    await build(parts, each).then(
      (one) => built.push(one),
      (error: unknown) => failed.push([each.name, toWasmateError(error)]),
    )
    if (failed.at(-1)?.[1].code === 'CANCELLED') break
  }
  const [first] = failed
  say(l10n.t('{0} of {1} built', built.length, all.length))
  if (first) throw first[1]
  return built
}

/** Also writes wasmate.lock, as the command line does. */
export async function deploy(
  { functions, deployments }: SourceParts,
  found: SourceFunction,
): Promise<Deployment> {
  await saveAll(functions, found)
  return withSteps(l10n.t('Deploying {0}', found.name), found, async (client, context) => {
    return lock(found, client, await deployments.bringUp(client, found.path, context), context.signal)
  })
}

/** What is pinned, whatever the source says by now. */
function register(found: SourceFunction): Promise<Deployment> {
  return withSteps(l10n.t('Registering {0}', found.name), found, async (client, context) => {
    return lock(found, client, await client.stream('register', { path: found.path }, context), context.signal)
  })
}

async function lock(
  { link }: SourceFunction,
  client: Client,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Deployment> {
  const { registered, pin } = deployment
  if (!registered.registration) return deployment
  const [{ writeLock }, { workspaceAt }] = await Promise.all([
    import('../../client/lock.ts'),
    import('../../workspace.ts'),
  ])
  const place = { workspace: workspaceAt(link.folder.uri.fsPath), signal }
  await writeLock(place, client, { ...registered.registration, profile: pin.profile })
  return deployment
}

async function pin({ functions }: SourceParts, found: SourceFunction): Promise<Pinned> {
  await saveAll(functions, found)
  return withSteps(l10n.t('Pinning {0}', found.name), found, (client, context) =>
    client.stream('pin', { path: found.path }, context),
  )
}

type Client = Awaited<ReturnType<SourceFunction['link']['require']>>

/** Starts the emulator when none runs; shows each step when it takes longer than a moment. */
async function withSteps<T>(
  title: string,
  { link }: SourceFunction,
  work: (client: Client, context: DeployContext & { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const client = await link.require()
  return runVisibly(title, (signal, tell) =>
    work(client, {
      signal,
      step: ({ step }) => tell(sayStep(step)),
      report: ({ doing }) => tell(doing),
    }),
  )
}

function show<T>(result: T, words: (result: T) => string): T {
  say(words(result))
  return result
}

const shownMs = 6_000

/** Where nobody has to take it away. */
export function say(words: string): void {
  window.setStatusBarMessage(words.replaceAll('$(', '$\u200b('), shownMs)
}

function sayBuilt({ name, size, cid }: Built): string {
  return l10n.t('{0} is built: {1}, {2}', name, formatBytes(size), cid)
}

export function sayDeployed({ name, pin: { cid }, registered: { state, registration } }: Deployment): string {
  if (!registration) return l10n.t('{0} is pinned and waits for the chain: {1}', name, cid)
  return state === 'unchanged'
    ? l10n.t('{0} v{1} is unchanged: {2}', name, registration.version, cid)
    : l10n.t('{0} v{1} is deployed: {2}', name, registration.version, cid)
}
