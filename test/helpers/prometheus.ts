// The text format of Prometheus, version 0.0.4 -> samples by name and labels.

export interface Exposition {
  /** By name with labels, as written: `calls_total{function="f",outcome="ok"}`. */
  samples: Map<string, number>
  /** Metric name -> counter, gauge, histogram. */
  types: Map<string, string>
}

/** Throws at a line that is neither a comment nor a sample of a metric with TYPE and HELP. */
export function parseExposition(text: string): Exposition {
  const samples = new Map<string, number>()
  const types = new Map<string, string>()
  const helped = new Set<string>()
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (word === 'HELP') helped.add(name)
    if (word === 'TYPE') types.set(name, rest)
    if (line.startsWith('#')) continue
    const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (\S+)$/.exec(line)
    if (!sample) throw new Error(`no sample: ${line}`)
    const [, metric = '', labels = '', value] = sample
    const family = types.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '')
    if (!types.has(family) || !helped.has(family)) throw new Error(`no TYPE or HELP before: ${line}`)
    if (samples.has(metric + labels)) throw new Error(`twice: ${line}`)
    samples.set(metric + labels, Number(value))
  }
  return { samples, types }
}
