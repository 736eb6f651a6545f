// Registered functions as tools of a language model: what there is in, the tools with their schemas out.

import { createHash } from 'node:crypto'
import type { ListedFunction, ToolDescription } from '../../model.ts'
import type { FunctionOverview } from '../overview.ts'

export interface Tool {
  /** Letters, digits, _ and - only, at most 64 of them: what every host takes. */
  name: string
  /** The function's own name. */
  title: string
  description: string
  /** Always of an object: the function's input where that is one, else one with the field `input`. */
  inputSchema: Record<string, unknown>
  called: CalledFunction
}

/** The function behind a tool. */
export interface CalledFunction {
  name: string
  version: number
  cid: string
  /** Absent: the input is text. */
  inputSchema?: Record<string, unknown> | undefined
}

/** More than this no model can choose among. */
export const maxTools = 128

/**
 * Those that have a current version. Only what a wasmate.json of this workspace says of a function is passed on: what
 * others have published under a name is not to speak to a model.
 */
export function describeTools(
  functions: readonly ListedFunction[],
  workspace: readonly Pick<FunctionOverview, 'name' | 'tool'>[],
): Tool[] {
  const known = new Map(workspace.map(({ name, tool }) => [name, tool]))
  const taken = new Set<string>()
  return functions.flatMap(({ name, current }) => {
    if (!current || taken.size >= maxTools) return []
    const tool = toolName(name, taken)
    taken.add(tool)
    const said = known.get(name) ?? {}
    const { version, cid } = current
    const called = { name, version, cid, inputSchema: said.inputSchema }
    return [{ name: tool, title: name, ...describe(called, said), called }]
  })
}

/** A name that no other of these has. */
function toolName(name: string, taken: ReadonlySet<string>): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, '_')
  if (!taken.has(plain)) return plain
  return `${plain}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

function describe(
  { name, version, cid }: CalledFunction,
  { description, inputSchema }: ToolDescription,
): Pick<Tool, 'description' | 'inputSchema'> {
  const what = description ?? `Calls the WebAssembly function ${name}.`
  const told = { description: `${what} (version ${version}, ${cid})` }
  if (isOfObject(inputSchema)) return { ...told, inputSchema }
  const input = inputSchema ?? { type: 'string', description: 'The input, as text.' }
  const required = inputSchema ? ['input'] : []
  return { ...told, inputSchema: { type: 'object', properties: { input }, required } }
}

/** Whether the arguments of a tool call, which are an object always, are themselves the input. */
export function isOfObject(
  inputSchema: Record<string, unknown> | undefined,
): inputSchema is Record<string, unknown> {
  return inputSchema?.['type'] === 'object'
}
