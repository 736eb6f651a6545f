// Loaded before each test file: node:test follows every promise by an async hook, to tell which test an error that
// nobody caught belongs to. Where a test makes millions of them, that takes more time than the test. Without the hook
// such an error fails the whole file instead of the test.

import hooks from 'node:async_hooks'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const { createHook } = hooks
  hooks.createHook = () => ({ enable: () => undefined, disable: () => undefined })
  // It keeps the one that it finds when it is loaded; all others get Node's own.
  await import('node:test')
  hooks.createHook = createHook
}
