import { StatusError } from '@reckon/api/machinery';
import type { MetricsRegistry, Monotonic } from '@reckon/kernel';

/** Runs a question to the apiserver, and counts it by the status of its answer. */
export type CountedQuestion = <T>(ask: () => Promise<T>) => Promise<T>;

export const uncounted: CountedQuestion = (ask) => ask();

const bounds = [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10];

/** Names as apiserver's authenticatorfactory and authorizerfactory have them. */
export function delegatedMetrics(of: 'authn' | 'authz', metrics: MetricsRegistry, clock: Monotonic): CountedQuestion {
  const prefix = `apiserver_delegated_${of}_request`;
  const total = metrics.counter(`${prefix}_total`, 'Questions to the apiserver, by status.', ['code']);
  const duration = metrics.histogram(
    `${prefix}_duration_seconds`,
    'How long questions to the apiserver took, by status.',
    bounds,
    ['code'],
  );
  return async (ask) => {
    const startedMs = clock.elapsedMs();
    let code = '<error>';
    try {
      const answer = await ask();
      // What reviews are answered with.
      code = '201';
      return answer;
    } catch (error) {
      if (error instanceof StatusError) code = String(error.status.code ?? code);
      throw error;
    } finally {
      total.add(1, code);
      duration.observe((clock.elapsedMs() - startedMs) / 1000, code);
    }
  };
}
