// A VS Code server of one test: its own folder for settings and extensions, any free port, gone with the test.

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startChild } from '../../../src/base/child-process.ts'
import { installVsCode } from './install.ts'

export interface ServerOptions {
  /** Settings of the user and of the machine. */
  settings?: Record<string, unknown>
  /** For the extension host, which is a child of the server. */
  env?: Record<string, string>
  /** Where packed extensions are installed. */
  extensionsFolder?: string
  /** No folder is trusted until a person says so; otherwise every one is. */
  trustsNothing?: boolean
  /** Modal questions are shown; then no extension under development is taken. */
  asksQuestions?: boolean
}

export interface Server {
  /** URL of the workbench on a folder or a workspace file, or on none; pairs are what a workbench is told by its embedder. */
  workbench(folder: string | undefined, pairs: [string, string][]): string
  /** How the workbench calls a file of this machine. */
  remote(path: string): string
  /** The folders of every workspace that a window became when another folder was added to it, as text. */
  savedWorkspaces(): Promise<string[]>
  /** Its own folder: settings, logs, state. */
  folder: string
  pid: number
  /** The last of what it printed. */
  output(): string
  stop(): Promise<void>
}

const quiet = {
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'git.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  // It would look for those of every process of the machine.
  'remote.autoForwardPorts': false,
}

/** Ends with `stop`, and with this process, with every process that it started. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { entry, node } = await installVsCode()
  const data = await mkdtemp(join(tmpdir(), 'wasmate-vscode-'))
  const remove = (): Promise<void> => rm(data, { recursive: true, force: true, maxRetries: 5 })
  try {
    await writeSettings(data, { ...quiet, ...options.settings })
    const env = { ...options.env, TMPDIR: join(data, 'tmp') }
    const { port, child } = await listen(node, [entry, ...argumentsOf(data, options)], env)
    const authority = `127.0.0.1:${port}`
    return {
      workbench: (folder, pairs) => {
        const query = new URLSearchParams({ payload: JSON.stringify([...pairs, ['skipWelcome', 'true']]) })
        if (folder) query.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', resolve(folder))
        else query.set('ew', 'true')
        return `http://${authority}/?${query.toString()}`
      },
      remote: (path) => `vscode-remote://${authority}${resolve(path)}`,
      savedWorkspaces: () => readAll(join(data, 'data/User/Workspaces')),
      ...{ folder: data, pid: child.pid, output: child.output },
      stop: async () => {
        await child.kill()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function argumentsOf(
  data: string,
  { extensionsFolder, trustsNothing, asksQuestions }: ServerOptions,
): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
    ...['--server-data-dir', data, '--telemetry-level', 'off'],
    // A built VS Code takes an extension under development, or its tests, only with this.
    ...(asksQuestions ? [] : ['--enable-smoke-test-driver']),
    ...(extensionsFolder ? ['--extensions-dir', extensionsFolder] : []),
    ...(trustsNothing ? [] : ['--disable-workspace-trust']),
  ]
}

async function readAll(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
}

async function writeSettings(data: string, settings: object): Promise<void> {
  for (const name of ['extensions', 'tmp']) await mkdir(join(data, name))
  for (const scope of ['Machine', 'User']) {
    await mkdir(join(data, 'data', scope), { recursive: true })
    await writeFile(join(data, 'data', scope, 'settings.json'), JSON.stringify(settings))
  }
}

async function listen(
  node: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ port: string; child: Awaited<ReturnType<typeof startChild>> }> {
  let tell: (port: string) => void = () => undefined
  const told = new Promise<string>((resolveTold) => (tell = resolveTold))
  const onLine = (line: string): void => {
    const [, port] = /agent listening on (\d+)/.exec(line) ?? []
    if (port) tell(port)
  }
  const child = await startChild({ command: node, args, env, onLine })
  const ended = child.exited.then(() => {
    throw new Error(`VS Code did not start: ${child.output()}`)
  })
  ended.catch(() => undefined)
  return { port: await Promise.race([told, ended]), child }
}
