// The functions of a running emulator as tools: which there are, and a call of one.

import { WasmateError, toProblem } from '../base/errors.ts'
import type { ListedFunction } from '../model.ts'
import { type CalledFunction, type Tool, describeTools, maxTools } from '../flows/tools/describe.ts'
import { type ToolResult, describeProblem, describeResult } from '../flows/tools/result.ts'
import type { InvocationRecord } from '../trace/record.ts'
import type { ControlClient } from './control.ts'

/** Those that are registered on the emulator's chain. */
export async function listTools(client: ControlClient, signal?: AbortSignal): Promise<Tool[]> {
  const context = signal ? { signal } : {}
  const functions: ListedFunction[] = []
  for (let offset = 0; functions.length < maxTools; offset += maxTools) {
    const page = await client.list({ offset, limit: maxTools }, signal)
    functions.push(...page.filter(({ current }) => current))
    if (page.length < maxTools) break
  }
  return describeTools(functions, await client.stream('overview', {}, context))
}

/** By the function's name. Throws FUNCTION_NOT_FOUND. */
export async function findCalled(
  client: ControlClient,
  name: string,
  signal?: AbortSignal,
): Promise<CalledFunction> {
  const tool = (await listTools(client, signal)).find(({ title }) => title === name)
  if (!tool) throw new WasmateError('FUNCTION_NOT_FOUND', name)
  return tool.called
}

export interface ToolCall {
  called: CalledFunction
  input: Uint8Array
  /** Absent: the default export. */
  export?: string | undefined
}

/** Throws CANCELLED alone; a call that fails is an answer as well. */
export async function callTool(
  client: ControlClient,
  { called, input, export: asked }: ToolCall,
  signal?: AbortSignal,
): Promise<ToolResult & { record?: InvocationRecord }> {
  const base64 = Buffer.from(input).toString('base64')
  try {
    const request = { target: called.name, export: asked, base64 }
    const record = await client.stream('invoke', request, signal ? { signal } : {})
    return { ...describeResult(record), record }
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code === 'CANCELLED') throw error
    return { text: describeProblem(problem), isError: true }
  }
}
