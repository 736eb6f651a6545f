// The built product with functions deployed into it, as a person has it: `wasmate up` in a folder of functions.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../helpers/until.ts'
import { type Running, chainIs, up, wasmate } from '../../helpers/wasmate.ts'

export interface Product extends Running {
  pid: number
  /** URL of `POST /functions/NAME`. */
  urlOf(name: string): string
  /** What is behind a name that answers. */
  moduleOf(name: string): Promise<Uint8Array>
}

export interface Deployed {
  bytes: Uint8Array
  timeoutMs?: number
  maxMemoryBytes?: number
}

/** Ready-made modules in folders of their own; none: the sample, named hello. Resolves when all answer by name. */
export async function startProduct(
  functions: Record<string, Deployed> = {},
  args: string[] = [],
): Promise<Product> {
  const cwd = await mkdtemp(join(tmpdir(), 'wasmate-bench-'))
  for (const [name, { bytes, ...manifest }] of Object.entries(functions)) {
    await mkdir(join(cwd, name))
    await writeFile(join(cwd, name, `${name}.wasm`), bytes)
    await writeFile(join(cwd, name, 'wasmate.json'), JSON.stringify(manifest))
  }
  const names = Object.keys(functions)
  const running = await up({ cwd, args: [...(names.length > 0 ? [] : ['--sample', 'hello']), ...args] })
  const { urls, pid } = running.state
  const stop = async (): Promise<number | null> => {
    const code = await running.stop()
    await rm(cwd, { recursive: true, force: true })
    return code
  }
  try {
    await chainIs(running.state, 'ready')
    for (const name of names) await deploy(name, cwd)
    await until(async () => {
      const served = await listServed(urls.functions)
      return (names.length > 0 ? names : ['hello']).every((name) => served.has(name))
    }, `functions that answer (${running.stderr()})`)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...running,
    ...{ pid, stop },
    urlOf: (name) => `${urls.functions}/functions/${name}`,
    moduleOf: async (name) => {
      const cid = (await listServed(urls.functions)).get(name) ?? ''
      const response = await fetch(`${urls.kubo}/api/v0/cat?arg=${cid}`, { method: 'POST' })
      if (!response.ok) throw new Error(`${name} is not to be had: ${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}

async function deploy(name: string, cwd: string): Promise<void> {
  const { code, stderr } = await wasmate(['deploy', name, '--wait'], { cwd })
  if (code !== 0) throw new Error(`${name} is not deployed: ${stderr}`)
}

/** Name -> CID. */
async function listServed(url: string): Promise<Map<string, string>> {
  const response = await fetch(`${url}/functions`)
  const { functions } = (await response.json()) as { functions: { name: string; cid: string }[] }
  return new Map(functions.map(({ name, cid }) => [name, cid]))
}
