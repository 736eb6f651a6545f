// npm run bench -- GROUP: measures one group and prints one JSON object a line.

import { prepareTools } from '../helpers/tools.ts'

const groups: Record<string, () => Promise<{ run(): Promise<void> }>> = {
  debugging: () => import('./debugging.ts'),
  extension: () => import('./extension.ts'),
  loop: () => import('./loop.ts'),
  registry: () => import('./registry.ts'),
  runner: () => import('./runner.ts'),
  storage: () => import('./storage.ts'),
}

const [group = ''] = process.argv.slice(2)
const load = groups[group]
if (!load) {
  console.error(`npm run bench -- GROUP; groups: ${Object.keys(groups).join(', ')}`)
  process.exit(2)
}
Object.assign(process.env, prepareTools())
await (await load()).run()
// A client's kept-alive connection must not keep the bench from ending.
process.exit()
