/**
 * Metrics as the code sees them; names and label names are fixed where they are declared. `libs/kernel` has the registry that
 * renders Prometheus text (`renderMetrics`). Label values are given in the order of the declared names.
 */
export interface Counter {
  add(amount: number, ...labels: string[]): void;
}
export interface Gauge {
  set(value: number, ...labels: string[]): void;
}
export interface Histogram {
  observe(value: number, ...labels: string[]): void;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly lines: () => Iterable<string>;
}

const separator = '\u0000';

export class MetricsRegistry {
  private readonly families = new Map<string, Family>();

  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const values = new Map<string, number>();
    if (labelNames.length === 0) values.set('', 0);
    this.declare({ name, help, type: 'counter', lines: () => simpleLines(name, labelNames, values) });
    return {
      add(amount, ...labels) {
        const key = labels.join(separator);
        values.set(key, (values.get(key) ?? 0) + amount);
      },
    };
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    const values = new Map<string, number>();
    this.declare({ name, help, type: 'gauge', lines: () => simpleLines(name, labelNames, values) });
    return {
      set(value, ...labels) {
        values.set(labels.join(separator), value);
      },
    };
  }

  /** A gauge that is computed when it is asked for. */
  gaugeOf(name: string, help: string, read: () => number): void {
    this.declare({ name, help, type: 'gauge', lines: () => [`${name} ${String(read())}`] });
  }

  /** `bounds` in ascending order, without +Inf. */
  histogram(name: string, help: string, bounds: readonly number[], labelNames: readonly string[] = []): Histogram {
    const series = new Map<string, { counts: number[]; sum: number; count: number }>();
    this.declare({ name, help, type: 'histogram', lines: () => histogramLines(name, labelNames, bounds, series) });
    return {
      observe(value, ...labels) {
        const key = labels.join(separator);
        let s = series.get(key);
        if (s === undefined) {
          s = { counts: new Array<number>(bounds.length).fill(0), sum: 0, count: 0 };
          series.set(key, s);
        }
        s.sum += value;
        s.count++;
        let low = 0;
        let high = bounds.length;
        while (low < high) {
          const middle = (low + high) >> 1;
          if ((bounds[middle] ?? 0) < value) low = middle + 1;
          else high = middle;
        }
        if (low < bounds.length) s.counts[low] = (s.counts[low] ?? 0) + 1;
      },
    };
  }

  /** Prometheus text exposition format 0.0.4. */
  render(): string {
    const out: string[] = [];
    for (const family of [...this.families.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      out.push(`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`, ...family.lines());
    }
    return out.join('\n') + '\n';
  }

  private declare(family: Family): void {
    if (this.families.has(family.name)) throw new Error(`metric declared twice: ${family.name}`);
    this.families.set(family.name, family);
  }
}

function labelText(names: readonly string[], key: string, extra = ''): string {
  const values = names.length === 0 ? [] : key.split(separator);
  const pairs = names.map((n, i) => `${n}="${escapeLabel(values[i] ?? '')}"`);
  if (extra !== '') pairs.push(extra);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escapeLabel = (v: string): string => v.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

function* simpleLines(name: string, names: readonly string[], values: ReadonlyMap<string, number>): Iterable<string> {
  for (const [key, value] of values) yield `${name}${labelText(names, key)} ${String(value)}`;
}

function* histogramLines(
  name: string,
  names: readonly string[],
  bounds: readonly number[],
  series: ReadonlyMap<string, { counts: number[]; sum: number; count: number }>,
): Iterable<string> {
  for (const [key, s] of series) {
    let running = 0;
    for (const [i, bound] of bounds.entries()) {
      running += s.counts[i] ?? 0;
      yield `${name}_bucket${labelText(names, key, `le="${String(bound)}"`)} ${String(running)}`;
    }
    yield `${name}_bucket${labelText(names, key, 'le="+Inf"')} ${String(s.count)}`;
    yield `${name}_sum${labelText(names, key)} ${String(s.sum)}`;
    yield `${name}_count${labelText(names, key)} ${String(s.count)}`;
  }
}
