// The debugger: how soon a breakpoint is hit.

import { measureBreakpoint } from './debugging/breakpoint.ts'

export async function run(): Promise<void> {
  await measureBreakpoint()
}
