// What a session can do, as the Debug Adapter Protocol asks for it first.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { trapFilter } from './running.ts'
import type { SessionTexts } from './target.ts'

export function capabilitiesOf(texts: SessionTexts): DebugProtocol.Capabilities {
  return {
    supportsConfigurationDoneRequest: true,
    supportsConditionalBreakpoints: true,
    supportsHitConditionalBreakpoints: true,
    supportsLogPoints: true,
    supportsEvaluateForHovers: true,
    supportsExceptionInfoRequest: true,
    supportsReadMemoryRequest: true,
    supportsTerminateRequest: true,
    exceptionBreakpointFilters: [
      { filter: trapFilter, label: texts.trapFilter, description: texts.trapDescription, default: true },
    ],
  }
}
