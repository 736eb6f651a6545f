// The HTTP connection to the devnet child: JSON-RPC text, and one write with its time and its effect.

import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import { z } from 'zod'
import { loopback } from '../base/ports.ts'
import { splitArray } from './calls.ts'

export interface Link {
  /** Posts JSON-RPC text and gives the answer's text; throws a plain error when the connection breaks. */
  post(body: string): Promise<string>
  close(): void
}

export interface Head {
  number: number
  hash: string
}

export interface Exchange {
  /** The answer to the call, as devnet wrote it. */
  answer: string
  accepted: boolean
  outcome: string
  head: Head
}

const headRequest = '{"jsonrpc":"2.0","id":"head","method":"starknet_blockHashAndNumber"}'

const headSchema = z.object({ result: z.object({ block_hash: z.string(), block_number: z.int() }) })
const answerSchema = z.object({ result: z.unknown().optional(), error: z.unknown().optional() })

export function createLink(port: number): Link {
  const agent = new Agent({ keepAlive: true })
  return { post: (body) => post(agent, port, body), close: () => agent.destroy() }
}

/** Sends `call` with the time of its block; throws a plain error when no whole answer came back. */
export async function exchange(link: Link, call: string, time: number | undefined): Promise<Exchange> {
  // devnet takes the calls of a short batch in order; in a batch of more than 30 its reads overtake.
  const parts = time === undefined ? [call, headRequest] : [formatSetTime(time), call, headRequest]
  const answers = splitArray(await link.post(`[${parts.join(',')}]`))
  const [answer, head] = answers.slice(-2)
  if (answers.length !== parts.length || answer === undefined || head === undefined) {
    throw new Error(`starknet-devnet gave ${answers.length} answers to ${parts.length} calls`)
  }
  const { result, error } = answerSchema.parse(JSON.parse(answer))
  return {
    answer,
    accepted: error === undefined,
    outcome: shorten(JSON.stringify(error ?? result ?? null)),
    head: parseHead(head),
  }
}

export async function readHead(link: Link): Promise<Head> {
  return parseHead(await link.post(headRequest))
}

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const outgoing = request({ agent, host: loopback, port, path: '/rpc', method: 'POST', headers })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString())
        else reject(new Error(`starknet-devnet answered with HTTP status ${response.statusCode}`))
      })
    })
    outgoing.end(body)
  })
}

function formatSetTime(time: number): string {
  const params = { time, generate_block: false }
  return JSON.stringify({ jsonrpc: '2.0', id: 'time', method: 'devnet_setTime', params })
}

function parseHead(answer: string): Head {
  const { result } = headSchema.parse(JSON.parse(answer))
  return { number: result.block_number, hash: result.block_hash }
}

function shorten(json: string): string {
  return json.length <= 256 ? json : `sha256:${createHash('sha256').update(json).digest('hex')}`
}
