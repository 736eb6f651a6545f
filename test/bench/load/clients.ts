// wrk and hey against one URL for some seconds: what they counted, and their own words for latency.

import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const body = 'wasmate-runtime'
export const connections = 100

export interface Bout {
  rps: number
  requests: number
  p50Ms: number
  p99Ms: number
  /** Answers other than 200, and connections that broke. */
  failed: number
}

export type Client = (url: string, seconds: number) => Promise<Bout>

export const clients: Record<'wrk' | 'hey', Client> = { wrk: runWrk, hey: runHey }

const sources = {
  wrk: 'on Debian: apt-get install wrk; on macOS: brew install wrk',
  hey: 'go install github.com/rakyll/hey@latest, with its folder (go env GOPATH)/bin on PATH',
}

/** How to get it; undefined when it is there. */
export function missingClient(name: 'wrk' | 'hey'): string | undefined {
  const { error } = spawnSync(name, ['-h'], { stdio: 'ignore' })
  return error ? `${name} is not on PATH; ${sources[name]}` : undefined
}

async function runWrk(url: string, seconds: number): Promise<Bout> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-wrk-'))
  try {
    const script = join(folder, 'post.lua')
    await writeFile(script, `wrk.method = "POST"\nwrk.body = "${body}"\n`)
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
    return readWrk((await run('wrk', args)).stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function readWrk(text: string): Bout {
  const errors = [...text.matchAll(/(?:connect|read|write|timeout) (\d+)/g)]
  const failed = errors.reduce((sum, [, count]) => sum + Number(count), readOr(text, /Non-2xx.*?: (\d+)/, 0))
  return {
    rps: read(text, /Requests\/sec:\s+([\d.]+)/),
    requests: read(text, /(\d+) requests in/),
    p50Ms: readWrkTime(text, 50),
    p99Ms: readWrkTime(text, 99),
    failed,
  }
}

function readWrkTime(text: string, percent: number): number {
  const [, value, unit = ''] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? []
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? NaN)
}

async function runHey(url: string, seconds: number): Promise<Bout> {
  const args = ['-z', `${seconds}s`, '-c', String(connections), '-m', 'POST', '-d', body, url]
  const { stdout } = await run('hey', args)
  const statuses = [...stdout.matchAll(/\[(\d+)\]\s+(\d+) (responses)?/g)]
  const count = (isWanted: (status: string, isAnswer: boolean) => boolean): number =>
    statuses.reduce(
      (sum, [, status = '', n, answer]) => sum + (isWanted(status, !!answer) ? Number(n) : 0),
      0,
    )
  const answered = count((status, isAnswer) => isAnswer && status === '200')
  // Under "Error distribution" the bracket holds the count and words follow.
  const [, errors = ''] = stdout.split('Error distribution:')
  const broken = [...errors.matchAll(/\[(\d+)\]/g)].reduce((sum, [, n]) => sum + Number(n), 0)
  return {
    rps: read(stdout, /Requests\/sec:\s+([\d.]+)/),
    requests: answered,
    p50Ms: 1000 * read(stdout, /50%+ in ([\d.]+) secs/),
    p99Ms: 1000 * read(stdout, /99%+ in ([\d.]+) secs/),
    failed: count((status, isAnswer) => isAnswer && status !== '200') + broken,
  }
}

function read(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)
  if (!found) throw new Error(`${String(pattern)} is not in: ${text}`)
  return Number(found[1])
}

function readOr(text: string, pattern: RegExp, otherwise: number): number {
  return Number(pattern.exec(text)?.[1] ?? otherwise)
}
