// How a worker thread is run: bundled as JavaScript, or from TypeScript in tests.

/** `execArgv` for the module: nothing for JavaScript, else what makes the thread read TypeScript. */
export function workerArguments(url: URL): string[] {
  if (!url.pathname.endsWith('.ts')) return []
  // `--import tsx` does nothing in a thread: tsx registers itself in the main thread alone.
  const registration = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register()`
  return ['--import', `data:text/javascript,${encodeURIComponent(registration)}`]
}
