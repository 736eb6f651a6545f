// What a test started is undone when it ends, newest first: node:test runs its own hooks oldest first.

import type { TestContext } from 'node:test'
import { Teardown } from '../../src/base/teardown.ts'

type Context = Pick<TestContext, 'after'>

const teardowns = new WeakMap<Context, Teardown>()

export function undoAfter(context: Context, step: () => unknown): void {
  let teardown = teardowns.get(context)
  if (!teardown) {
    const created = new Teardown()
    teardowns.set(context, created)
    context.after(() => created.run())
    teardown = created
  }
  teardown.defer(step)
}
