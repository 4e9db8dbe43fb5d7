import type { FieldPath } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { podTemplateWarnings } from '../../core/v1/pod/pod.warnings';

/** WarningsForJobSpec. */
export function jobSpecWarnings(spec: batchv1.JobSpec | undefined, path: FieldPath): string[] {
  if (spec === undefined) return [];
  const isHuge =
    spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000;
  return [
    ...(isHuge
      ? [
          `${path.toString()}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
        ]
      : []),
    ...podTemplateWarnings(spec.template, path.child('template')),
  ];
}
