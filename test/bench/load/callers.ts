// Callers of the product, each on a connection of its own: a call, a look at the answer, a pause, and again.

import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Answered {
  status: number
  body: Buffer
}

export interface Caller {
  url: string
  /** Body of the call. */
  input(): Uint8Array
  pauseMs: number
  /** Says what is wrong with the answer, if anything is. */
  check(answered: Answered): string | undefined
}

export interface Tally {
  calls: number
  failed: number
  /** Some of what was wrong. */
  problems: string[]
}

const giveUpMs = 30_000
const maxProblems = 10

/** Calls until the deadline of `performance.now()`; resolves when each has its last answer. */
export async function runCallers(callers: Caller[], deadline: number): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers.length })
  const tally: Tally = { calls: 0, failed: 0, problems: [] }
  await Promise.all(callers.map((caller) => runCaller(caller, agent, deadline, tally)))
  agent.destroy()
  return tally
}

async function runCaller(caller: Caller, agent: Agent, deadline: number, tally: Tally): Promise<void> {
  // Not all in the same moment.
  await sleep(Math.random() * caller.pauseMs)
  while (performance.now() < deadline) {
    const problem = await post(agent, caller).then(caller.check, String)
    tally.calls++
    if (problem !== undefined) {
      tally.failed++
      if (tally.problems.length < maxProblems) tally.problems.push(`${caller.url}: ${problem}`)
    }
    await sleep(caller.pauseMs)
  }
}

function post(agent: Agent, { url, input }: Caller): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const body = input()
    const headers = { 'content-length': body.length }
    const signal = AbortSignal.timeout(giveUpMs)
    const sent = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
