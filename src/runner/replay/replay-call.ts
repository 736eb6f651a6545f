// In a thread: a recorded call once more, on an instance of its own, with a receipt in the place of the host.

import type { Script } from '../../recording.ts'
import { toFailure } from '../guest/calls/frames.ts'
import { type Host, extismModule } from '../guest/extism.ts'
import { Plugin } from '../guest/plugin.ts'
import { Vars } from '../guest/vars.ts'
import { wasiModule } from '../guest/wasi.ts'
import type { CallReply, Replayed } from '../messages.ts'
import { Player } from './player.ts'

export interface ReplayRequest {
  module: WebAssembly.Module
  kernel: WebAssembly.Module
  /** For limits, config and logs. */
  host: Host
  export: string
  input: Uint8Array
  script: Script
}

export function replayCall(request: ReplayRequest): { result: CallReply['result']; replayed: Replayed } {
  const { module, kernel, script } = request
  const player = new Player(script)
  const host = player.host(request.host, varsOf(script), ownImports(module))
  let plugin: Plugin | undefined
  let result: CallReply['result']
  try {
    plugin = new Plugin(module, kernel, host, request.export)
    result = { ok: true, output: plugin.call(request.export, request.input) }
  } catch (error) {
    result = toFailure(error)
  }
  plugin?.close()
  player.end()
  const { diverged } = player
  return { result, replayed: { ...(diverged && { diverged }), fuel: plugin?.fuel } }
}

/** Vars as they were before the recorded call, as far as it read them. */
export function varsOf({ vars }: Script): Vars {
  const values = vars.read.flatMap(({ key, value }): [string, Uint8Array][] => (value ? [[key, value]] : []))
  const before = new Vars()
  before.replace(new Map(values), vars.bytes)
  return before
}

/** Functions of an embedder, which need not be here to be replayed. */
export function ownImports(module: WebAssembly.Module): [string, string][] {
  return WebAssembly.Module.imports(module)
    .filter((entry) => entry.module !== extismModule && entry.module !== wasiModule)
    .map((entry) => [entry.module, entry.name])
}
