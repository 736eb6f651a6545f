// The runner: HTTP beside the Go runtime, calls beside Extism's SDK, cold starts, many functions, and a soak.
// `npm run bench -- runner [PART ...] [--minutes N]`

import { parseArgs } from 'node:util'

const parts: Record<string, (minutes: number) => Promise<void>> = {
  http: async () => (await import('./runner-http.ts')).measureHttp(),
  call: async () => (await import('./runner-call.ts')).measureCalls(),
  cold: async () => (await import('./runner-cold.ts')).measureCold(),
  hot: async () => (await import('./runner-hot.ts')).measureHot(),
  soak: async (minutes) => (await import('./runner-soak.ts')).measureSoak(minutes),
}

export async function run(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: { minutes: { type: 'string', default: '10' } },
  })
  const minutes = Number(values.minutes)
  const unknown = positionals.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0 || !(minutes > 0)) {
    throw new Error(
      `runner [${Object.keys(parts).join('] [')}] [--minutes N]; not ${process.argv.slice(3).join(' ')}`,
    )
  }
  for (const [name, measure] of Object.entries(parts)) {
    if (positionals.length === 0 || positionals.includes(name)) await measure(minutes)
  }
}
