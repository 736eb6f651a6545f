// Debugging: how soon a breakpoint is hit, what receipts cost while they are left, how long a replay takes.
// `npm run bench -- debugging [PART ...]`

const parts: Record<string, () => Promise<void>> = {
  breakpoint: async () => (await import('./debugging/breakpoint.ts')).measureBreakpoint(),
  cost: async () => (await import('./debugging/cost.ts')).measureCost(),
  replay: async () => (await import('./debugging/replay.ts')).measureReplay(),
}

export async function run(): Promise<void> {
  const asked = process.argv.slice(3)
  const unknown = asked.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0) {
    throw new Error(`debugging [${Object.keys(parts).join('] [')}]; not ${unknown.join(' ')}`)
  }
  for (const [name, measure] of Object.entries(parts)) {
    if (asked.length === 0 || asked.includes(name)) await measure()
  }
}
