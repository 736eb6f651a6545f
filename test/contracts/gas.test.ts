// docs/registry.md says what each call costs, and that is what it costs.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { gasPage, measureGas, withGas } from '../helpers/gas.ts'

it('the gas of each call is what the table says', async () => {
  const page = await readFile(gasPage, 'utf8')
  assert.equal(
    page,
    withGas(page, await measureGas()),
    'node --import tsx test/helpers/gas.ts writes it anew',
  )
})
