// A temporary folder that goes with the test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { undoAfter } from './undo.ts'

export async function temporaryFolder(context: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
  undoAfter(context, () => rm(folder, { recursive: true, force: true }))
  return folder
}
