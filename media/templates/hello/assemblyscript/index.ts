// A function in AssemblyScript. Save it, and the next call answers from the new bytes.
//   curl -d 'Ada' http://127.0.0.1:7070/functions/NAME
import { Host } from '@extism/as-pdk'

/** Every exported function without parameters can be called. The input is the body of the call. */
export function hello(): i32 {
  const name = Host.inputString().trim()
  const answer = `Hello, ${name.length > 0 ? name : 'world'}!`
  // As bytes: Host.outputString counts UTF-16 units and fails on text beyond ASCII.
  Host.output(Uint8Array.wrap(String.UTF8.encode(answer)))
  return 0 // anything else says that the call failed
}
