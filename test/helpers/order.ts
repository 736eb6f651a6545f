// In which order test files run: the longest first, so that none of them is left running alone at the end.

/** Each takes more than 20 s of a core, in this order. The tests in the editor are as long as half of all others. */
export const longest = [
  'test/vscode/extension.test.ts',
  'test/vscode/vsix.test.ts',
  'test/product/lifecycle.test.ts',
  'test/product/crash.test.ts',
  'test/vscode/lives.test.ts',
  'test/vscode/invocation.test.ts',
  'test/cli/network/accounts.test.ts',
  'test/product/loop.test.ts',
  'test/flows/catch-up.test.ts',
  'test/content/parity.test.ts',
  'test/cli/car/import.test.ts',
  'test/cli/network/replayed.test.ts',
  'test/product/receipts.test.ts',
  'test/product/no-chain.test.ts',
  'test/devnet/life.test.ts',
  'test/content/retrieval/retrieve.test.ts',
  'test/cli/network/deploy.test.ts',
  'test/product/packed.test.ts',
  'test/cli/network/prompts.test.ts',
]

/** The others follow as they are given. */
export function longestFirst(files: string[]): string[] {
  const place = new Map(longest.map((path, index) => [path, index]))
  const placeOf = (path: string): number => place.get(path.replaceAll('\\', '/')) ?? longest.length
  return files.toSorted((a, b) => placeOf(a) - placeOf(b))
}
