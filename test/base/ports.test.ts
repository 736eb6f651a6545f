import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { choosePort } from '../../src/base/ports.ts'

test('a free port is given as wanted', async () => {
  const { port } = await choosePort(0)
  assert.deepEqual(await choosePort(port), { port })
})

test('a taken port is answered with a free one and the process that holds it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: held } = server.address() as AddressInfo
  const choice = await choosePort(held)
  server.close()
  assert.notEqual(choice.port, held)
  assert.ok(choice.port > 0)
  assert.deepEqual(choice.taken, { port: held, holder: `process ${process.pid}` })
})
