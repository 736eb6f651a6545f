// Told to the extension host by the benchmark that starts it.

/** How long a window is let be before the first session, in milliseconds. */
export const restVariable = 'WASMATE_BENCH_REST_MS'
