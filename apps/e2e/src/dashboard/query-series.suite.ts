import type { Series } from './series.suite';

/**
 * Which series a query of PromQL returns, without their values: enough to tell that a panel shows something. It knows what our dashboard
 * is written in: selectors with matchers and ranges, the functions below, aggregations by labels, arithmetic of two queries. Throws on
 * anything else, and on what Prometheus would take but nobody means: a label asked for that some series does not have.
 */
export function querySeries(query: string, scraped: readonly Series[]): Series[] {
  const tokens = tokensOf(query);
  const result = new Evaluation(tokens, scraped).expression();
  if (tokens.length > 0) throw new Error(`${tokens.join(' ')} was not read`);
  return result;
}

const overRanges = ['rate', 'increase', 'irate'];
const aggregations = ['sum', 'max', 'min', 'avg', 'count'];
const arithmetic = ['/', '*', '+', '-'];
const token = /\s*([a-zA-Z_:$][\w:$]*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|=~|!~|!=|[=(){}[\],/*+-])/y;

function tokensOf(query: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < query.trimEnd().length) {
    const at = token.lastIndex;
    const found = token.exec(query)?.[1];
    if (found === undefined) throw new Error(`${query.slice(at)} is not understood`);
    tokens.push(found);
  }
  return tokens;
}

class Evaluation {
  constructor(
    private readonly tokens: string[],
    private readonly scraped: readonly Series[],
  ) {}

  expression(): Series[] {
    let result = this.operand();
    while (arithmetic.includes(this.tokens[0] ?? '')) {
      this.tokens.shift();
      const other = new Set(this.operand().map(nameless).map(idOf));
      // One to one, by all labels; no name comes out.
      result = result.map(nameless).filter((series) => other.has(idOf(series)));
    }
    return result;
  }

  private operand(): Series[] {
    const name = this.next();
    if (name === '(') {
      const inner = this.expression();
      this.take(')');
      return inner;
    }
    if (aggregations.includes(name)) return this.aggregation();
    if (this.tokens[0] !== '(') return this.selector(name);
    this.take('(');
    const result = this.call(name);
    this.take(')');
    return result;
  }

  private call(name: string): Series[] {
    if (overRanges.includes(name)) return this.expression().map(nameless);
    if (name !== 'histogram_quantile') throw new Error(`${name} is no function that is known here`);
    const quantile = Number(this.next());
    if (!(quantile > 0 && quantile < 1)) throw new Error('a quantile is between 0 and 1');
    this.take(',');
    return distinct(this.expression().map((series) => without(nameless(series), 'le')));
  }

  /** `sum by (a, b) (…)` or `sum(…)`. */
  private aggregation(): Series[] {
    const by = this.tokens[0] === 'by';
    if (by) this.next();
    const labels = by ? this.labels() : [];
    this.take('(');
    const inner = this.expression();
    this.take(')');
    return distinct(
      inner.map((series) => Object.fromEntries(labels.map((label) => [label, demand(series, label)] as const))),
    );
  }

  private labels(): string[] {
    this.take('(');
    const labels: string[] = [];
    for (let next = this.next(); next !== ')'; next = this.next()) if (next !== ',') labels.push(next);
    return labels;
  }

  private selector(name: string): Series[] {
    let result = this.scraped.filter((series) => series['__name__'] === name);
    if (this.tokens[0] === '{') result = this.matchers(result);
    if (this.tokens[0] === '[') while (this.next() !== ']');
    return result;
  }

  private matchers(series: readonly Series[]): Series[] {
    this.take('{');
    let result = [...series];
    for (let label = this.next(); label !== '}'; label = this.next()) {
      if (label === ',') continue;
      const [operator, value] = [this.next(), JSON.parse(this.next()) as string];
      const isRight = operator.endsWith('~')
        ? (text: string) => new RegExp(`^(?:${value})$`).test(text)
        : (text: string) => text === value;
      const isWanted = operator === '=' || operator === '=~';
      result = result.filter((one) => isRight(demand(one, label)) === isWanted);
    }
    return result;
  }

  private next(): string {
    const found = this.tokens.shift();
    if (found === undefined) throw new Error('the query ends too early');
    return found;
  }

  private take(wanted: string): void {
    const found = this.next();
    if (found !== wanted) throw new Error(`${found} where ${wanted} was expected`);
  }
}

function demand(series: Series, label: string): string {
  const value = series[label];
  if (value === undefined) throw new Error(`${idOf(series)} has no label ${label}`);
  return value;
}

const without = (series: Series, label: string): Series => {
  demand(series, label);
  return Object.fromEntries(Object.entries(series).filter(([name]) => name !== label));
};

const nameless = ({ __name__: _, ...labels }: Series): Series => labels;

const idOf = (series: Series): string => JSON.stringify(Object.entries(series).sort(([a], [b]) => (a < b ? -1 : 1)));

const distinct = (series: readonly Series[]): Series[] => [
  ...new Map(series.map((one) => [idOf(one), one] as const)).values(),
];
