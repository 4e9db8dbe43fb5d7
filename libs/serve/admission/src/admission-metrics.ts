import type { Histogram, MetricsRegistry, Monotonic } from '@reckon/kernel';
import type { Operation } from './plugin';

const seconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export type Step = 'admit' | 'validate';

/** Told at the end of what it stands for: when that began, and whether the request was refused. Answers the time now. */
export type Lap = (begunMs: number, isRejected: boolean) => number;

/** How long admission takes, as a whole and by plugin; names and labels as k8s.io/apiserver/pkg/admission/metrics. */
export interface AdmissionMetrics {
  readonly clock: Monotonic;
  step(step: Step, operation: Operation): Lap;
  plugin(name: string, step: Step, operation: Operation): Lap;
}

export function admissionMetricsIn(registry: MetricsRegistry, clock: Monotonic): AdmissionMetrics {
  const steps = registry.histogram(
    'apiserver_admission_step_admission_duration_seconds',
    'Time of the admission plugins together, by step (admit or validate) and operation.',
    seconds,
    ['type', 'operation', 'rejected'],
  );
  const plugins = registry.histogram(
    'apiserver_admission_controller_admission_duration_seconds',
    'Time of one admission plugin, by step (admit or validate) and operation.',
    seconds,
    ['name', 'type', 'operation', 'rejected'],
  );
  return {
    clock,
    step: (step, operation) => lapOf(clock, steps, [step, operation]),
    plugin: (name, step, operation) => lapOf(clock, plugins, [name, step, operation]),
  };
}

/** Series appear with their first value: there are far more of them than are ever needed. */
function lapOf(clock: Monotonic, histogram: Histogram, labels: readonly string[]): Lap {
  let passed: ((seconds: number) => void) | undefined;
  let rejected: typeof passed;
  return (begunMs, isRejected) => {
    const now = clock.elapsedMs();
    const observe = isRejected
      ? (rejected ??= histogram.of(...labels, 'true'))
      : (passed ??= histogram.of(...labels, 'false'));
    observe((now - begunMs) / 1000);
    return now;
  };
}
