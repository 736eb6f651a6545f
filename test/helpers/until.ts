// Waiting for what a test can only see by asking again.

/** Asks again without a pause worth mentioning until it holds; throws after `withinMs`. */
export async function until(holds: () => Promise<boolean>, what = 'it', withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
