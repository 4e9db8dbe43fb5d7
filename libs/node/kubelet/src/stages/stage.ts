import { z } from 'zod';

/** `250ms`, `2s`, `1m`, `1h`. */
const duration = z.string().regex(/^\d+(ms|s|m|h)$/, 'must be like 250ms, 2s, 1m or 1h');

/**
 * One step of a pod's life, as data. Stages are tried in the order of the file; the first whose `when` holds is the pod's next step,
 * taken once its time has come.
 */
export const stageSchema = z.strictObject({
  name: z.string().min(1),
  /** All that is given must hold. */
  when: z.strictObject({
    /** True once the pod has a deletionTimestamp. Default false. */
    deleting: z.boolean().default(false),
    phase: z.array(z.enum(['Pending', 'Running', 'Succeeded', 'Failed'])).optional(),
    /** Every app container is in this state; `none`: the pod has not been started yet. */
    containers: z.enum(['none', 'waiting', 'running', 'terminated']).optional(),
    /** Annotations that must be there, or (`null`) must not. A text must be equal. */
    annotations: z.record(z.string(), z.union([z.literal(true), z.null(), z.string()])).default({}),
    /** The Ready condition as it is now. */
    ready: z.boolean().optional(),
  }),
  after: z
    .strictObject({
      /** From when the time counts. */
      since: z.enum(['seen', 'started', 'finished', 'deleted']).default('seen'),
      delay: duration.default('0ms'),
      /** A random part of this is added. */
      jitter: duration.default('0ms'),
      /** An annotation that holds the delay instead. */
      delayFrom: z.string().optional(),
      /** 10 s doubled for each restart, at most five minutes; added to the delay. */
      backOff: z.boolean().default(false),
    })
    .default({ since: 'seen', delay: '0ms', jitter: '0ms', backOff: false }),
  then: z.strictObject({
    /**
     * `start`: init containers have run, app containers run; `wait`: containers wait for `reason`; `exit`: app containers end with
     * `exitCodeFrom`'s annotation (default 0), and restart or not by the pod's policy; `ready` / `unready`: probes answer so;
     * `kill`: containers end and the pod is deleted.
     */
    do: z.enum(['start', 'wait', 'exit', 'restart', 'ready', 'unready', 'kill']),
    /** Of a waiting container. */
    reason: z.string().optional(),
    reasonFrom: z.string().optional(),
    exitCodeFrom: z.string().optional(),
  }),
});

export type Stage = z.infer<typeof stageSchema>;

export const stageFileSchema = z.strictObject({ stages: z.array(stageSchema).min(1) });

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a text that the schema has let through; 0 for any other. */
export function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return count === undefined ? 0 : Number(count) * unitMs[unit as keyof typeof unitMs];
}
