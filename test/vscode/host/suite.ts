// Mocha tests in a real extension host: bundled beside the extension, run there, their results brought back.

import { copyFile, mkdir, readFile, readdir, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'esbuild'
import type { Server } from './server.ts'

/** Longer than any run takes: what has ended by then is told, and that the rest has not. */
const withinMs = 600_000

const root = join(import.meta.dirname, '../../..')

export interface Result {
  title: string
  /** Absent: it passed. */
  error?: string
}

export interface SuiteResults {
  results: Result[]
  /** What tests printed. */
  output: string
}

interface Bundler {
  bundleExtension(outdir: string): Promise<void>
}

/** What the runner in the host is told, by its environment. */
export interface Suite {
  folder: string
  env: Record<string, string>
}

/**
 * Makes a folder with the extension as it would be packed, and with its tests: VS Code gives its API to files inside
 * of an extension's folder alone.
 */
export async function makeSuite(folder: string, tests: string[]): Promise<Suite> {
  const { bundleExtension } = (await import(pathToFileURL(join(root, '.esbuild.mjs')).href)) as Bundler
  await mkdir(join(folder, 'tests'), { recursive: true })
  await bundleExtension(join(folder, 'dist'))
  for (const name of ['package.json', 'package.nls.json'])
    await copyFile(join(root, name), join(folder, name))
  await build({
    entryPoints: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    outdir: join(folder, 'tests'),
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
    // A package without side effects that is imported late as well would not be there for what needs it at once.
    ignoreAnnotations: true,
  })
  await copyFile(join(import.meta.dirname, 'runner.cjs'), join(folder, 'runner.cjs'))
  // It finds the rest beside itself, where it really is.
  for (const path of [
    'dist/cli.mjs',
    'contracts',
    'dist/debug-host.mjs',
    'dist/debuggee.mjs',
    'dist/piece-worker.mjs',
    'media',
  ])
    await symlink(join(root, path), join(folder, path))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(root, 'node_modules/mocha'), join(folder, 'node_modules/mocha'))
  const bundled = tests.map((test) => join(folder, 'tests', basename(test).replace(/\.ts$/, '.cjs')))
  const told = {
    mochaPath: join(root, 'node_modules/mocha/index.js'),
    files: bundled,
    resultsPath: join(folder, 'results.jsonl'),
    outputPath: join(folder, 'output.txt'),
  }
  return { folder, env: { WASMATE_TEST_HOST: JSON.stringify(told) } }
}

/** Opens a workbench on the workspace, or an empty window, waits for the end of the tests in it; throws when there is none. */
export async function runSuite(
  { folder }: Suite,
  { server, browser, workspace }: { server: Server; browser: Browser; workspace?: string },
): Promise<SuiteResults> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  try {
    await openUntilExit(page, server, folder, workspace)
  } finally {
    await page.close()
  }
  const output = await readFile(join(folder, 'output.txt'), 'utf8').catch(() => '')
  const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8').catch(() => '')).split('\n')
  const results = lines.filter(Boolean).map((line) => JSON.parse(line) as Result | { end: true })
  const tests = results.filter((result) => 'title' in result)
  if (!results.some((result) => 'end' in result) || tests.length === 0) {
    throw new Error(
      `the tests did not end:\n${lines.at(-2)}\n${output}\n${said.slice(-30).join('\n')}\n${server.output()}`,
    )
  }
  return { results: tests, output }
}

async function openUntilExit(
  page: Page,
  server: Server,
  folder: string,
  workspace: string | undefined,
): Promise<void> {
  let exit: (code: number) => void = () => undefined
  const exited = new Promise<number>((resolve) => (exit = resolve))
  // What a workbench calls when the tests in it are over, and for what they log.
  await page.exposeFunction('codeAutomationExit', (code: number) => exit(code))
  await page.exposeFunction('codeAutomationLog', () => undefined)
  const pairs: [string, string][] = [
    ['extensionDevelopmentPath', server.remote(folder)],
    ['extensionTestsPath', server.remote(join(folder, 'runner.cjs'))],
  ]
  await page.goto(server.workbench(workspace, pairs))
  const patience = new AbortController()
  await Promise.race([exited, pause(withinMs, undefined, { signal: patience.signal })])
  patience.abort()
}

/** Mocha tests are told from those of node:test by their name. */
export async function findSuites(folder: string): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith('.mocha.ts'))
    .map((name) => join(folder, name))
}
