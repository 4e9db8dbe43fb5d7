import type { MetricsRegistry } from '@reckon/kernel';

type Decision = 'allowed' | 'denied';

const bounds = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const prefix = 'apiserver_impersonation_';
const labels = ['mode', 'decision'];

/** Who became somebody else, and what was asked for that; names and labels as endpoints/filters/impersonation/metrics has them. */
export class ImpersonationMetrics {
  /** By which mode somebody came through: `legacy` is the old way; '' where no mode let them. */
  readonly attempted: (mode: string, decision: Decision, seconds: number) => void;
  /** One question to the authorizers. */
  readonly asked: (verb: string, decision: Decision, seconds: number) => void;

  constructor(metrics: MetricsRegistry) {
    this.attempted = counted(metrics, 'attempts', 'Impersonations');
    const asked = counted(metrics, 'authorization_attempts', 'Authorization checks for impersonations');
    this.asked = (verb, decision, seconds) => {
      asked(modeOf(verb), decision, seconds);
    };
  }
}

function counted(metrics: MetricsRegistry, name: string, what: string): ImpersonationMetrics['attempted'] {
  const total = metrics.counter(`${prefix}${name}_total`, `${what}, by mode and decision.`, labels);
  const duration = metrics.histogram(
    `${prefix}${name}_duration_seconds`,
    `How long it took: ${what.toLowerCase()}, by mode and decision.`,
    bounds,
    labels,
  );
  return (mode, decision, seconds) => {
    total.add(1, mode, decision);
    duration.observe(seconds, mode, decision);
  };
}

const modes: ReadonlySet<string> = new Set(['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info']);

/** `impersonate:<mode>` or `impersonate-on:<mode>:<verb>`. */
function modeOf(verb: string): string {
  if (verb === 'impersonate') return 'legacy';
  const [, mode = ''] = verb.split(':', 2);
  return modes.has(mode) ? mode : 'unknown';
}
