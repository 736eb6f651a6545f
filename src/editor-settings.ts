// Settings of the editor alone, their defaults and checks; README.md lists them with the others.

import { z } from 'zod'

/** Settings of what the editor offers to language models; no emulator knows them. */
export const toolsSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Whether language models may list registered functions and, each time after you confirm, call one.',
    ),
  mcp: z
    .boolean()
    .default(false)
    .describe(
      'Whether each registered function is a tool of an MCP server that the editor starts, from VS Code 1.101 on.',
    ),
})

/** Settings of the editor itself, `wasmate.editor.*`: no emulator is told of them. */
export const editorSchema = z.strictObject({
  startOnOpen: z
    .boolean()
    .default(false)
    .describe('Whether the emulator starts when a trusted folder is opened that has had one before.'),
  saveAndRun: z
    .enum(['off', 'deploy', 'run'])
    .default('deploy')
    .describe(
      'What a save of a source does while the emulator runs: nothing; build, pin and register; and run it as well.',
    ),
  answers: z.boolean().default(true).describe('Whether the last answer is shown beside the export.'),
  showInvocation: z
    .enum(['never', 'onFailure', 'always'])
    .default('never')
    .describe(
      'Whether a call that was run is shown whole beside the code: never, when it failed, or always.',
    ),
})
