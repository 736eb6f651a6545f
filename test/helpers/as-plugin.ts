// The function that most runner tests call, in AssemblyScript with the PDK that people use.

export const assemblyScriptPlugin = `
import { Config, Host, LogLevel, Var } from '@extism/as-pdk'
import { error_set, alloc, store_u8, length } from '@extism/as-pdk/lib/env'

function onAbort(message: string | null, file: string | null, line: u32, column: u32): void { unreachable() }

function put(text: string): void { Host.output(Uint8Array.wrap(String.UTF8.encode(text))) }

function refuse(text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text))
  const block = alloc(bytes.length)
  for (let i = 0; i < bytes.length; i++) store_u8(block + i, bytes[i])
  error_set(block)
}

export function greet(): i32 { put('Hello, ' + Host.inputString() + '!'); return 0 }
export function echo(): i32 { Host.output(Host.input()); return 0 }
export function nothing(): i32 { return 0 }
export function plain(): void { put('plain') }
export function setting(): i32 { const v = Config.get(Host.inputString()); put(v === null ? '(none)' : v!); return 0 }

export function count(): i32 {
  const before = Var.getString('n')
  const n = (before === null ? 0 : I32.parseInt(before!)) + 1
  Var.set('n', Uint8Array.wrap(String.UTF8.encode(n.toString())))
  put(n.toString())
  return 0
}
export function count_and_refuse(): i32 { count(); refuse('not this time'); return 1 }
export function count_and_trap(): i32 { count(); unreachable(); return 0 }
export function forget(): i32 { Var.remove('n'); const v = Var.getString('n'); put(v === null ? 'forgotten' : v!); return 0 }

export function refuses(): i32 { refuse('no: ' + Host.inputString()); return 1 }
export function refuses_with_zero(): i32 { refuse('said so'); return 0 }
export function fails(): i32 { return 7 }
export function traps(): i32 { const a = new Array<i32>(0); return a[I32.parseInt(Host.inputString())] }
export function logs(): i32 {
  Host.log(LogLevel.Debug, 'd'); Host.log(LogLevel.Info, 'i'); Host.log(LogLevel.Warn, 'w'); Host.log(LogLevel.Error, 'e')
  return 0
}
export function too_short(): i32 { Host.outputString('\\u00e9\\u00e9\\u00e9'); return 0 }
`
