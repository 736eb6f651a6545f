import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { startChild } from '../../src/base/child-process.ts'
import { type ProcessIdentity, identify, isRunning } from '../../src/base/process.ts'
import { until } from '../helpers/until.ts'

test('a child that ends gives its code and its last words', async () => {
  const child = await startChild({ command: 'sh', args: ['-c', 'echo out; echo err >&2; exit 7'] })
  assert.deepEqual(await child.exited, { code: 7, signal: null })
  assert.deepEqual(child.output().split('\n').sort(), ['', 'err', 'out'])
})

test('a killed child is gone, with what it started', async () => {
  const lines: string[] = []
  const child = await startChild({
    command: 'sh',
    args: ['-c', 'sleep 1000 & echo $!; wait'],
    onLine: (line) => lines.push(line),
  })
  while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const grandchild = await identify(Number(lines[0]))
  assert.ok(grandchild)
  await child.kill()
  await until(async () => !(await isRunning(grandchild)))
  assert.equal(await child.identity(), undefined)
})

test('a child does not outlive a parent that was killed', async () => {
  const source = pathToFileURL(join(import.meta.dirname, '../../src/base/child-process.ts')).href
  const script = `
    const { startChild } = await import(${JSON.stringify(source)})
    const child = await startChild({ command: 'sleep', args: ['1000'] })
    console.log(JSON.stringify(await child.identity()))
    setInterval(() => {}, 1000)`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const child = JSON.parse(line.toString()) as ProcessIdentity
  assert.equal(await isRunning(child), true)
  parent.kill('SIGKILL')
  await until(async () => !(await isRunning(child)))
})

test('a command that is not there is told by its exit code', async () => {
  const child = await startChild({ command: '/nowhere/at-all', args: [] })
  assert.equal((await child.exited).code, 127)
  assert.match(child.output(), /at-all/)
})
