// Writes media/wasmate.test.schema.json anew from the schema of the code: `node --import tsx test/flows/cases/schema.ts`.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { casesJsonSchema } from '../../../src/flows/cases/file.ts'

const path = join(import.meta.dirname, '../../../media/wasmate.test.schema.json')
await writeFile(path, await format(JSON.stringify(casesJsonSchema()), { parser: 'json', printWidth: 110 }))
