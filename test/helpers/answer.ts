// What a module answers on Extism's own runtime: bytes, export and input in, text out.

import createPlugin from '@extism/extism'

export interface AnswerOptions {
  wasi?: boolean
  config?: Record<string, string>
}

export async function answerOf(
  bytes: Uint8Array,
  name: string,
  input = '',
  { wasi = false, config = {} }: AnswerOptions = {},
): Promise<string> {
  const plugin = await createPlugin({ wasm: [{ data: new Uint8Array(bytes) }] }, { useWasi: wasi, config })
  try {
    const output = await plugin.call(name, input)
    return output?.text() ?? ''
  } finally {
    await plugin.close()
  }
}
