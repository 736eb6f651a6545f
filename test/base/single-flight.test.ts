import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SingleFlight } from '../../src/base/single-flight.ts'

interface Work {
  flights: SingleFlight<string>
  /** Signal of each piece of work that was begun. */
  begun: AbortSignal[]
  work: (signal: AbortSignal) => Promise<string>
  finish: (result: string) => void
}

function makeWork(): Work {
  const begun: AbortSignal[] = []
  const pending: ((result: string) => void)[] = []
  const work = (signal: AbortSignal): Promise<string> => {
    begun.push(signal)
    return new Promise((resolve, reject) => {
      pending.push(resolve)
      signal.addEventListener('abort', () => reject(new Error('told to end')))
    })
  }
  return {
    flights: new SingleFlight(),
    begun,
    work,
    finish: (result) => pending.splice(0).forEach((end) => end(result)),
  }
}

test('work that is asked for at one time is done once, and again afterwards', async () => {
  const { flights, begun, work, finish } = makeWork()
  const asked = [1, 2, 3].map(() => flights.run('a', work))
  finish('done')
  assert.deepEqual(await Promise.all(asked), ['done', 'done', 'done'])
  const again = flights.run('a', work)
  finish('again')
  assert.equal(await again, 'again')
  assert.equal(begun.length, 2)
})

test('who began it and goes away takes it from nobody else', async () => {
  const { flights, begun, work, finish } = makeWork()
  const [first, second] = [new AbortController(), new AbortController()]
  const left = flights.run('a', work, first.signal)
  const stays = flights.run('a', work, second.signal)
  first.abort()
  await assert.rejects(left, { code: 'CANCELLED' })
  finish('done')
  assert.equal(await stays, 'done')
  assert.equal(begun[0]?.aborted, false)
})

test('it is ended when nobody waits any more, and who comes then has it done anew', async () => {
  const { flights, begun, work, finish } = makeWork()
  const going = new AbortController()
  const left = [1, 2].map(() => flights.run('a', work, going.signal))
  going.abort()
  for (const each of left) await assert.rejects(each, { code: 'CANCELLED' })
  assert.equal(begun[0]?.aborted, true)
  const anew = flights.run('a', work)
  finish('anew')
  assert.equal(await anew, 'anew')
})

test('with a signal that is aborted already nothing is begun', async () => {
  const { flights, begun, work } = makeWork()
  await assert.rejects(flights.run('a', work, AbortSignal.abort()), { code: 'CANCELLED' })
  assert.equal(begun.length, 0)
})
