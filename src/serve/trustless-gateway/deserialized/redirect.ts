// A directory has a slash at its end, so that links relative to it lead into it.

import { corsHeaders } from '../headers.ts'
import type { Exchange } from '../respond.ts'

/**
 * Path gateway, section "Use in directory URL normalization". The target is made of the path that was understood:
 * it always begins with /ipfs/, and never leads to another host.
 */
export async function sendRedirect({ reply, asked }: Exchange): Promise<void> {
  await reply.code(301).headers(corsHeaders).header('Location', `${asked.path}/${asked.search}`).send()
}
