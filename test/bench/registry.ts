// The registry: reads beside starknet.js as it comes, and the way from an event to a module that answers.

import { measureEventToLoaded } from './event-to-loaded.ts'
import { measureList, measureResolve } from './resolve.ts'

export async function run(): Promise<void> {
  await measureResolve()
  await measureList()
  await measureEventToLoaded()
}
