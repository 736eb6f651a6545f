// Ports: take the wanted one, or a free one and say who holds the other.

import { createServer } from 'node:net'
import { portToPid } from 'pid-port'
import { identify } from './process.ts'
import { systemCode } from './errors.ts'

export const loopback = '127.0.0.1'

export interface PortChoice {
  port: number
  /** Set when the wanted port was taken: who holds it, as far as this machine tells. */
  taken?: { port: number; holder: string }
}

/** Chooses `wanted` when it is free, else any free port. 0 asks for any free port. */
export async function choosePort(wanted: number): Promise<PortChoice> {
  const free = await probe(wanted)
  if (free !== undefined) return { port: free }
  const other = await probe(0)
  return { port: other ?? 0, taken: { port: wanted, holder: await portHolder(wanted) } }
}

/** The process that listens on a port, in words. */
export async function portHolder(port: number): Promise<string> {
  const pid = await portToPid(port).catch(() => undefined)
  if (pid === undefined || !(await identify(pid))) return 'another process'
  return `process ${pid}`
}

/** The port that was bound and let go again, or `undefined` when it is taken. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE' || systemCode(error) === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(bound))
    })
  })
}
