// Tasks of the extension, as VS Code runs them.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { commands, tasks, workspace } from 'vscode'
import { until } from '../helpers/until.ts'
import { fs } from './editor.ts'
import { place, echo, hintsOf, invoke, replace, write, setMode, problemsOf } from './sources.ts'

describe('a task', () => {
  before(async () => {
    await setMode('off')
    await write(place('tasked', 'index.ts'), echo)
    await write(place('tasked', 'wasmate.json'), '{}')
    await commands.executeCommand('wasmate.build', { path: place('tasked').fsPath })
  })

  after(() => fs.delete(place('tasked'), { recursive: true }))

  /** The exit code, as VS Code has it. */
  async function run(name: string): Promise<number | undefined> {
    const found = (await tasks.fetchTasks({ type: 'wasmate' })).find((each) => each.name === name)
    assert.ok(found, name)
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== name) return
        listening.dispose()
        resolve(exitCode)
      })
    })
    await tasks.executeTask(found)
    return ended
  }

  it('builds and deploys one function or all of them', async () => {
    assert.equal(await run('build tasked'), 0)
    assert.equal(await run('deploy tasked'), 0)
    assert.equal(await run('build all'), 0)
  })

  it('watches beside the save that runs: both say what came of it', async () => {
    const uri = place('tasked', 'index.ts')
    const document = await workspace.openTextDocument(uri)
    await invoke('invoke', { name: 'tasked', path: place('tasked').fsPath, export: 'greet' })
    await setMode('run')
    const found = (await tasks.fetchTasks({ type: 'wasmate' })).find(({ name }) => name === 'watch')
    const execution = await tasks.executeTask(found ?? assert.fail('no watch'))
    try {
      let before = 'as it was'
      for (const now of ['once watched', 'twice watched', 'as it was']) {
        await replace(document, before, now)
        const isShown = async (): Promise<boolean> =>
          JSON.stringify(await hintsOf(document)).includes(`→ ${now}`)
        await until(isShown, `the answer ${now}`)
        before = now
      }
    } finally {
      execution.terminate()
      await setMode('off')
    }
  })

  it('fails with what does not compile, which is on its line afterwards', async () => {
    await write(place('tasked', 'index.ts'), echo.replace('(greeting)', '(missing)'))
    assert.equal(await run('build tasked'), 1)
    await until(async () => problemsOf(place('tasked', 'index.ts')).length === 1, 'the error')
    assert.equal(problemsOf(place('tasked', 'index.ts'))[0]?.range.start.line, 9)
    await write(place('tasked', 'index.ts'), echo)
    assert.equal(await run('build tasked'), 0)
    await until(async () => problemsOf(place('tasked', 'index.ts')).length === 0, 'no error')
  })
})
