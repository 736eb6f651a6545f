// A tape -> a recording.

import type { Recording } from '../../recording.ts'
import type { TapeCopy } from '../messages.ts'
import { parseTape } from './tape.ts'

export function toRecording({ bytes, isFull, startMs }: TapeCopy): Recording {
  const { events, vars, unfaithful } = parseTape(bytes)
  const cut = isFull ? ['it asked its host for more than a receipt holds'] : []
  return { events, vars, unfaithful: [...unfaithful, ...cut], startMs }
}
