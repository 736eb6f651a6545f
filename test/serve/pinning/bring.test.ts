// A pin that is fetched, however large: its blocks go by and are not kept in memory.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { bringPin } from '../../../src/serve/pinning/bring.ts'
import { addDefaults, collectAll, startNode } from '../../helpers/content.ts'
import { heldBytes, largeContent, mebibyte } from '../../helpers/large.ts'

const count = 64

test('a large DAG that is fetched is not kept in memory', async (t) => {
  const origin = await startNode(t)
  const content = largeContent({ first: 0, count })
  const [added] = await collectAll(origin.add([{ path: 'large', content }], addDefaults))
  assert.ok(added)
  const node = await startNode(t)
  const before = await heldBytes()
  let grown = Infinity
  const info = await bringPin(
    { cid: added.cid.toString() },
    {
      node,
      fetch: async function* (root) {
        yield* walkDag(origin, root)
        grown = (await heldBytes()) - before
      },
      signal: new AbortController().signal,
      isResumed: () => false,
      tell: () => undefined,
    },
  )
  assert.ok(node.pins.get(added.cid))
  assert.ok(Number(info['dag_size']) > count * mebibyte)
  assert.ok(grown < (count * mebibyte) / 4, `${grown} bytes more`)
})
