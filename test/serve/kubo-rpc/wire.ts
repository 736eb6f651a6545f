// The Kubo RPC by hand: bodies as Kubo's clients write them, answers as they come.

const boundary = 'x'

export const end = `--${boundary}--\r\n`

/** A part as Kubo's clients write it; the name is escaped already. */
export function part(name: string | undefined, type: string, content: string): string {
  const filename = name === undefined ? '' : `; filename="${name}"`
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"${filename}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`
}

export function file(name: string, content: string): string {
  return part(name, 'application/octet-stream', content)
}

export interface Answered {
  status: number
  headers: Headers
  text: string
}

/** `body` is sent as multipart. */
export async function post(
  url: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const response = await fetch(`${url}/api/v0/${path}`, {
    method: 'POST',
    headers: body === undefined ? headers : { ...multipart, ...headers },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export function linesOf({ text }: Answered): unknown[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))
}

/** An error of a command, as Kubo has it. */
export function commandError(words: string): string {
  return `${JSON.stringify({ Message: words, Code: 0, Type: 'error' })}\n`
}
