// A function in AssemblyScript that keeps something between its calls: how many there were.
//   curl -d 'Ada' http://127.0.0.1:7070/functions/NAME
import { Host, Var } from '@extism/as-pdk'

/** Every exported function without parameters can be called. The input is the body of the call. */
export function count(): i32 {
  const name = Host.inputString().trim()
  // All calls of the function see its vars, and they are kept while the emulator runs.
  const before = Var.getString('calls')
  const calls = (before === null ? 0 : I32.parseInt(before)) + 1
  Var.set('calls', toBytes(calls.toString()))
  Host.output(toBytes(`Hello, ${name.length > 0 ? name : 'world'}! This is call ${calls}.`))
  return 0 // anything else says that the call failed
}

// As bytes: Host.outputString counts UTF-16 units and fails on text beyond ASCII.
function toBytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text))
}
