// What tests in the extension host ask of the process that started it: the world around the editor.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { undoAfter } from '../../helpers/undo.ts'

export type Deeds = Record<string, (given: never) => Promise<unknown>>

/** The environment variable that names the world's URL. */
export const worldVariable = 'WASMATE_TEST_WORLD'

/** Answers `POST /DEED` with JSON, on any free port, until the test ends. */
export async function openWorld(t: Pick<TestContext, 'after'>, deeds: Deeds): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of request) chunks.push(chunk as Uint8Array)
      const deed = deeds[request.url?.slice(1) ?? '']
      if (!deed) throw new Error(`no deed ${request.url}`)
      const answer = await deed(JSON.parse(Buffer.concat(chunks).toString()) as never)
      response.end(JSON.stringify(answer ?? null))
    })().catch((error: unknown) => response.writeHead(500).end(String((error as Error).stack)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undoAfter(t, () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
