// From inside of the extension host to the benchmark that started it.

/** One value of what is measured. */
export async function tell(what: string, value: number): Promise<void> {
  const world = process.env['WASMATE_TEST_WORLD'] ?? ''
  const response = await fetch(`${world}/measure`, { method: 'POST', body: JSON.stringify({ what, value }) })
  if (!response.ok) throw new Error(await response.text())
}
