import type { Random } from '@reckon/kernel';

/** Ports that nodes give to services. As with addresses, the lower band is left to those who choose for themselves. */
export class PortRange {
  private readonly staticBand: number;

  constructor(
    readonly low: number,
    readonly high: number,
  ) {
    const size = high - low + 1;
    this.staticBand = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
  }

  toString(): string {
    return `${String(this.low)}-${String(this.high)}`;
  }

  contains(port: number): boolean {
    return port >= this.low && port <= this.high;
  }

  pick(taken: ReadonlySet<number>, random: Random): number | undefined {
    const middle = this.low + this.staticBand;
    return search(middle, this.high + 1, taken, random) ?? search(this.low, middle, taken, random);
  }
}

function search(from: number, to: number, taken: ReadonlySet<number>, random: Random): number | undefined {
  const count = to - from;
  if (count <= 0) return undefined;
  const start = random.int(count);
  for (let i = 0; i < count; i++) {
    const port = from + ((start + i) % count);
    if (!taken.has(port)) return port;
  }
  return undefined;
}
