// The Extism SDK in a process of its own: node:wasi prints to the descriptors of its process, and the SDK's worker
// does not start under the loader of the tests. Arguments: a folder with plugin.wasm, asked.json, stdout and stderr;
// what each call came to is left there in answers.json.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import createPlugin from '@extism/extism'

const [, , folder = ''] = process.argv
const { calls, options, keepsVars } = JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8'))
const said = []
const levels = ['debug', 'info', 'warn', 'error']
const logger = Object.fromEntries(
  levels.map((level) => [level, (message) => said.push(`${level} ${message}`)]),
)
const plugin = await createPlugin(
  { wasm: [{ data: readFileSync(join(folder, 'plugin.wasm')) }] },
  { ...options, useWasi: true, enableWasiOutput: true, logger },
)
const seen = { stdout: 0, stderr: 0 }

/** Lines that came since the last time. */
function takeLines(name, level) {
  const printed = readFileSync(join(folder, name), 'utf8')
  const lines = printed.slice(seen[name]).split('\n')
  seen[name] = printed.length
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `${level} ${line}`)
}

// The SDK takes the whole buffer under an array for its input: each is given one of its own.
const answers = []
for (const [name, input] of calls) {
  if (!keepsVars) await plugin.reset()
  const ended = await plugin.call(name, Uint8Array.from(Buffer.from(input, 'hex'))).then(
    (output) => ({ output: Buffer.from(output?.bytes() ?? []).toString('hex') }),
    (error) => ({ message: error.message }),
  )
  // A worker's log lines are on their way for a moment.
  await new Promise((resolve) => setImmediate(resolve))
  answers.push({
    ...ended,
    logs: [...said.splice(0), ...takeLines('stdout', 'info'), ...takeLines('stderr', 'error')],
  })
}
await plugin.close()
writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers))
