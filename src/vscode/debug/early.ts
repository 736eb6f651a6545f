// Builds that begin before a session asks for them: VS Code takes a second to open the first one of a window.

import { Disposable, workspace } from 'vscode'
import { orAborted } from '../../base/pause.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Hosts } from '../../debug/host/hosts.ts'
import { saveAll } from '../source/commands.ts'
import type { SourceFunction, SourceFunctions } from '../source/functions.ts'
import { type ReadBuild, readBuild } from './target.ts'

export interface ReadyBuild extends ReadBuild {
  client: ControlClient
}

interface Begun {
  at: number
  built: Promise<ReadyBuild>
  /** The sources are on disk, and were not changed since. */
  isSaved: boolean
}

/** A session that has not come by then is not coming. */
const keptMs = 10_000

export class EarlyBuilds implements Disposable {
  readonly #functions: SourceFunctions
  readonly #hosts: Hosts
  readonly #begun = new Map<string, Begun>()
  readonly #watching: Disposable

  constructor(functions: SourceFunctions, hosts: Hosts) {
    this.#functions = functions
    this.#hosts = hosts
    this.#watching = workspace.onDidSaveTextDocument(() => {
      for (const [path, { isSaved }] of this.#begun) if (isSaved) this.#begun.delete(path)
    })
  }

  dispose(): void {
    this.#watching.dispose()
    this.#begun.clear()
    void this.#hosts.end()
  }

  /** What goes wrong is told to whoever takes it. */
  begin(found: SourceFunction): void {
    if (this.#fresh(found)) return
    const begun: Begun = {
      at: performance.now(),
      isSaved: false,
      built: this.#build(found, () => (begun.isSaved = true)),
    }
    this.#begun.set(found.path, begun)
    this.#hosts.warm()
    begun.built.then(({ module }) => this.#hosts.warm(module)).catch(() => undefined)
    setTimeout(() => void this.#hosts.end(), keptMs).unref()
    // They are needed next, and are read while the compiler works.
    void import('../../debug/session/session.ts')
  }

  /** The source as it is seen: what is being edited is saved first. */
  async take(found: SourceFunction, signal: AbortSignal): Promise<ReadyBuild> {
    await saveAll(this.#functions, found)
    const begun = this.#fresh(found)
    this.#begun.delete(found.path)
    return begun ? orAborted(begun.built, signal) : this.#build(found, () => undefined, signal)
  }

  #fresh({ path }: SourceFunction): Begun | undefined {
    const begun = this.#begun.get(path)
    return begun && performance.now() - begun.at < keptMs ? begun : undefined
  }

  async #build(found: SourceFunction, saved: () => void, signal?: AbortSignal): Promise<ReadyBuild> {
    await saveAll(this.#functions, found)
    saved()
    const client = await found.link.require(signal)
    const build = await client.stream('debugBuild', { path: found.path }, { signal })
    return { client, ...(await readBuild(build)) }
  }
}
