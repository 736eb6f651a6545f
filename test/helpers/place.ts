// Where functions are published to be verified: a node with its gateway, a compiler, and a registry of the test's.

import type { TestContext } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { openPublished, readSourceFiles, sourceLimits } from '../../src/build/files.ts'
import { rebuild } from '../../src/build/rebuild.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { retrieveFile, retrieveFolder } from '../../src/content/retrieval/retrieve.ts'
import type { Publication, Registration, WasmModule } from '../../src/model.ts'
import type { Registry } from '../../src/registry/registry.ts'
import type { VerifyStages } from '../../src/flows/verify.ts'
import { compilerWorkerUrl, makeBuilder, makeSource, mediaFolder } from './builder.ts'
import { addBytes, addDefaults, collectAll, startGateway, startNode } from './content.ts'
import { temporaryFolder } from './folder.ts'

export interface Place {
  node: ContentNode
  stages: VerifyStages
  /** Compiles, pins and registers as a deployment does, with what is to be otherwise. */
  publish(name: string, files: Record<string, string>, change?: Change): Promise<Registration>
}

export interface Change {
  record?: Partial<WasmModule>
  publication?: Partial<Publication>
}

export async function openPlace(t: TestContext, registry: Registry): Promise<Place> {
  const node = await startNode(t)
  const gateways = [await startGateway(t, node)]
  const builder = makeBuilder(t)
  const options = {
    pathEnv: process.env['PATH'] ?? '',
    mediaFolder,
    workerUrl: compilerWorkerUrl,
    log: silentLog,
  }
  const stages: VerifyStages = {
    registry,
    fetch: (cid, context) => retrieveFile(cid, { ...context, gateways, maxBytes: 16 * 1024 * 1024 }),
    source: {
      fetch: async (cid, context) =>
        openPublished(await retrieveFolder(cid, { ...context, ...sourceLimits, gateways })),
      rebuild: (source, context) => rebuild(source, options, context),
    },
  }
  return {
    node,
    stages,
    publish: async (name, files, { record, publication } = {}) => {
      const source = await makeSource(await temporaryFolder(t), name, files)
      const module = await builder.compile(source)
      const published = await readSourceFiles(source, { ...module, ...record })
      const entries = published.map(({ path, bytes }) => ({ path: `d/${path}`, content: bytes }))
      const added = await collectAll(node.add(entries, addDefaults))
      const { sha256, bytes } = module
      const sourceCid = String(added.at(-1)?.cid)
      const whole = { name, cid: await addBytes(node, bytes), sha256, size: bytes.length, sourceCid }
      return registry.publish({ ...whole, ...publication }, {})
    },
  }
}
