// What WASI's file calls have in common: what they work on, and what they are.

import type { Descriptors } from './descriptors.ts'

/** What calls work on; the memory is that of the moment. */
export interface FileScene {
  memory: () => WebAssembly.Memory
  descriptors: Descriptors
}

export type FileCalls = Record<string, (...numbers: number[]) => void>
