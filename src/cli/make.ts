// wasmate new, build, deploy: from a folder to a module, and on to the registry.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Builder } from '../build/build.ts'
import { createFunction } from '../build/new.ts'
import { findSource } from '../build/source.ts'
import { silentLog } from '../base/log.ts'
import { attach } from '../client/control.ts'
import type { Deployment } from '../flows/deploy.ts'
import { writeLock } from '../client/lock.ts'
import { Lockfile } from '../lockfile.ts'
import { elapsed } from '../steps.ts'
import { describeStep } from './describe.ts'
import type { DeployOptions } from './network/deploy.ts'
import { type Session, builderOptions } from './session.ts'

export async function newVerb(
  session: Session,
  options: { language: string; template: string },
  name: string,
): Promise<void> {
  const { workspace, environment, config, output } = session
  const { mediaFolder } = environment
  const created = await createFunction({
    parent: workspace.folder,
    name,
    ...{ language: options.language, template: options.template },
    mediaFolder,
    limits: config.runner,
  })
  const entry = relative(process.cwd(), created.entry)
  output.result(
    { name, folder: created.folder, entry: created.entry },
    `made ${entry}\n  next: wasmate up --watch`,
  )
}

export async function buildVerb(session: Session, options: { out?: string }, path = '.'): Promise<void> {
  const { workspace, config, output, signal } = session
  const source = await findSource(resolve(path), config.runner)
  const builder = new Builder(builderOptions(session, silentLog))
  try {
    const from = performance.now()
    const module = await builder.compile(source, { signal, report: output.progress })
    const out = options.out ? resolve(options.out) : join(workspace.state, 'build', `${source.name}.wasm`)
    await mkdir(dirname(out), { recursive: true })
    await writeFile(out, module.bytes)
    const { sha256, exports, toolchain, bytes } = module
    const facts = { name: source.name, out, bytes: bytes.length, sha256, exports, toolchain }
    const ms = elapsed(from)
    output.result(
      { ...facts, ms },
      `${describeStep({ step: 'build', ms, facts })}\n${relative(process.cwd(), out)}`,
    )
  } finally {
    await builder.stop()
  }
}

export async function deployVerb(
  session: Session,
  options: DeployOptions & { wait?: boolean },
  path = '.',
): Promise<void> {
  if (options.network !== 'emulator') {
    // What only a network needs is read by those who deploy to one.
    return (await import('./network/deploy.ts')).deployToNetwork(session, options, path)
  }
  const { workspace, output, signal } = session
  const client = await attach(workspace, signal)
  const lockfile = new Lockfile(workspace.folder)
  // One that can't be written is told before anything is sent.
  await lockfile.read()
  const deployment = await client.stream(
    'deploy',
    { path: resolve(path), wait: options.wait ?? false },
    { signal, step: (step) => output.note(describeStep(step)), report: output.progress },
  )
  const { name, pin, registered } = deployment
  const { registration } = registered
  if (registration) await writeLock(session, client, { ...registration, profile: pin.profile })
  const url = `${client.state.urls.functions}/functions/${encodeURIComponent(registration ? name : pin.cid)}`
  output.result(
    { ...deployment, url },
    `${describeDeployment(deployment)}\n  call it: curl -d 'world' ${url}`,
  )
}

function describeDeployment({ name, registered }: Deployment): string {
  if (registered.state !== 'pending') return `${name}: ${registered.state}, in wasmate.lock`
  return `${name}: pinned; registered as soon as the chain is there, and in wasmate.lock once you deploy it then`
}
