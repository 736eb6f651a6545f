// Writes media/wasmate.schema.json anew from the schema of the code: `node --import tsx test/vscode/source/schema.ts`.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { manifestJsonSchema } from '../../../src/build/manifest-schema.ts'

const path = join(import.meta.dirname, '../../../media/wasmate.schema.json')
await writeFile(path, await format(JSON.stringify(manifestJsonSchema()), { parser: 'json', printWidth: 110 }))
