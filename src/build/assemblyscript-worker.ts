// The thread that compiles AssemblyScript: one request at a time in, its result out.

import { parentPort } from 'node:worker_threads'
import { type CompileRequest, type CompileResult, compile } from './assemblyscript/program.ts'

/** What the thread answers: `failed` when the compiler itself broke. */
export type WorkerReply = { result: CompileResult } | { failed: string }

parentPort?.on('message', (request: CompileRequest) => parentPort?.postMessage(answer(request)))

function answer(request: CompileRequest): WorkerReply {
  try {
    return { result: compile(request) }
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
