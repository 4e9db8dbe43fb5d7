/** One series of Prometheus text: its labels, and its name among them as `__name__`. */
export type Series = Readonly<Record<string, string>>;

/** The series of a scrape. Throws where a line is none. */
export function seriesOf(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no series: ${line}`);
      return {
        __name__: name,
        ...Object.fromEntries(
          [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value]),
        ),
      };
    });
}
