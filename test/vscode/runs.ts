// For tests inside of the extension host: what a run of the Test Explorer shows.

import { type FileCoverage, type TestController, type TestItem, TestMessage, type TestRun } from 'vscode'

interface Shown {
  state: 'passed' | 'failed' | 'errored' | 'skipped'
  message?: TestMessage
}

/** What a run shows beside what it goes on to show in the editor. */
export interface Watched {
  shown: Map<string, Shown>
  started: string[]
  output: string
  covered: FileCoverage[]
  ended: boolean
}

function toMessage(given: TestMessage | readonly TestMessage[]): TestMessage | undefined {
  return given instanceof TestMessage ? given : given[0]
}

/** Each run that the controller makes from now on, the newest last. */
export function watchRuns(controller: TestController): Watched[] {
  const runs: Watched[] = []
  const create = controller.createTestRun.bind(controller)
  controller.createTestRun = (...asked) => {
    const watched: Watched = { shown: new Map(), started: [], output: '', covered: [], ended: false }
    runs.push(watched)
    return watch(create(...asked), watched)
  }
  return runs
}

/** The run itself, whose results are noted as well. */
function watch(real: TestRun, watched: Watched): TestRun {
  const note = (
    each: TestItem,
    state: Shown['state'],
    given?: TestMessage | readonly TestMessage[],
  ): void => {
    const message = given && toMessage(given)
    watched.shown.set(each.id, { state, ...(message && { message }) })
  }
  const { passed, failed, errored, skipped, started, appendOutput, addCoverage, end } = real
  return Object.assign(Object.create(real) as TestRun, {
    started: (...asked: Parameters<typeof started>) => (
      watched.started.push(asked[0].id),
      started.call(real, ...asked)
    ),
    passed: (...asked: Parameters<typeof passed>) => (note(asked[0], 'passed'), passed.call(real, ...asked)),
    failed: (...asked: Parameters<typeof failed>) => (
      note(asked[0], 'failed', asked[1]),
      failed.call(real, ...asked)
    ),
    errored: (...asked: Parameters<typeof errored>) => (
      note(asked[0], 'errored', asked[1]),
      errored.call(real, ...asked)
    ),
    skipped: (...asked: Parameters<typeof skipped>) => (
      note(asked[0], 'skipped'),
      skipped.call(real, ...asked)
    ),
    appendOutput: (...asked: Parameters<typeof appendOutput>) => (
      (watched.output += asked[0]),
      appendOutput.call(real, ...asked)
    ),
    addCoverage: (...asked: Parameters<typeof addCoverage>) => (
      watched.covered.push(asked[0]),
      addCoverage.call(real, ...asked)
    ),
    end: () => ((watched.ended = true), end.call(real)),
  })
}
