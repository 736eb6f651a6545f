// What somebody who helps needs to know, as text: versions, states, settings without secrets, the end of each log.

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { env, version, workspace } from 'vscode'
import { readAssignments } from '../settings.ts'
import type { EmulatorLink } from './link.ts'

const maxLogBytes = 8 * 1024

export async function writeDiagnostics(links: readonly EmulatorLink[], ownVersion: string): Promise<string> {
  const parts = [
    `Wasmate ${ownVersion}`,
    `${env.appName} ${version}${env.remoteName ? ` (${env.remoteName})` : ''}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `trusted: ${workspace.isTrusted ? 'yes' : 'no'}, folders: ${workspace.workspaceFolders?.length ?? 0}`,
  ]
  for (const link of links) parts.push('', ...(await describeLink(link)))
  return `${withoutSecrets(parts.join('\n'))}\n`
}

async function describeLink({ folder, state, status, problem }: EmulatorLink): Promise<string[]> {
  const chain = status?.chain
  const wrong = problem ?? chain?.problem
  return [
    `## ${folder.name}`,
    `emulator: ${state}${status ? `, process ${status.pid}, chain ${chain?.state}, ${status.serving} functions answer` : ''}`,
    ...(wrong ? [`problem: ${wrong.code}: ${wrong.detail}`] : []),
    ...(status?.problems ?? []).map((each) => `${each.name} v${each.version}: ${each.problem.code}`),
    'settings:',
    ...readAssignments(folder).map((setting) => `  ${setting}`),
    'log:',
    ...(await readEnd(join(folder.uri.fsPath, '.wasmate/emulator.log'))).map((line) => `  ${line}`),
  ]
}

async function readEnd(path: string): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ['none']
  try {
    const { size } = await file.stat()
    const position = Math.max(0, size - maxLogBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - position), { position })
    const lines = buffer.subarray(0, bytesRead).toString().trim().split('\n')
    return position > 0 ? lines.slice(1) : lines
  } finally {
    await file.close()
  }
}

/** An endpoint of a provider often has its key in the path or the query: of URLs elsewhere only the host stays. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b(https?|wss?):\/\/[^\s"'\\<>]+/g, (url) => {
    const { protocol, host, hostname } = new URL(url)
    const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
    return isHere ? url : `${protocol}//${host}/…`
  })
}
