import { Latencies } from '../load/latencies';
import type { Figures } from '../rows';
import { decide, type ManyBindings } from './many-bindings';

export interface AuthorizeOptions {
  /** Subjects that ask; each has asked before. */
  readonly callers: number;
  readonly requests: number;
  readonly moreBindings: number;
}

/** In µs: one decision, half of them refusals, and one binding more until it counts. Throws where a decision is wrong. */
export async function measureAuthorize(
  world: ManyBindings,
  { callers, requests, moreBindings }: AuthorizeOptions,
): Promise<Figures> {
  // Spread over all bindings; two requests of each caller follow one another.
  const step = Math.max(1, Math.floor(world.bindings / callers)) * 2;
  const asked = Array.from({ length: callers * 2 }, (_, i) => world.request((i >> 1) * step + (i % 2)));
  for (const [i, request] of asked.entries()) demand(decide(world, request).allowed === (i % 2 === 0), request);

  const decisions = new Latencies();
  for (let i = 0; i < requests; i++) {
    const request = asked[i % asked.length];
    if (request === undefined) break;
    const began = performance.now();
    decide(world, request);
    decisions.add((performance.now() - began) * 1_000);
  }

  const bindings = new Latencies();
  for (let i = 0; i < moreBindings; i++) {
    const began = performance.now();
    const request = await world.bindOneMore(i);
    const { allowed } = decide(world, request);
    bindings.add((performance.now() - began) * 1_000);
    demand(allowed, request);
  }
  return { authorize: middleOf(decisions), 'authorize-binding': middleOf(bindings) };
}

function middleOf(latencies: Latencies): { value: number; p50: number; p99: number } {
  const { p50, p99 } = latencies.summary();
  return { value: p50, p50, p99 };
}

function demand(isRight: boolean, request: object): void {
  if (!isRight) throw new Error(`decided wrongly: ${JSON.stringify(request)}`);
}
