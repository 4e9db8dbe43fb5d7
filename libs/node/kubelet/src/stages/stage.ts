import * as z from 'zod';

/** `250ms`, `2s`, `1m`, `1h`. */
const duration = z.string().regex(/^\d+(ms|s|m|h)$/, 'must be like 250ms, 2s, 1m or 1h');

/**
 * One step of a pod's life, as data. Of the stages whose `when` holds, the one whose time comes first is the pod's next step; among
 * equals the first of the file.
 */
export const stageSchema = z.strictObject({
  name: z.string().min(1),
  /** All that is given must hold. */
  when: z.strictObject({
    /** True once the pod has a deletionTimestamp. Default false. */
    deleting: z.boolean().default(false),
    phase: z.array(z.enum(['Pending', 'Running', 'Succeeded', 'Failed'])).optional(),
    /** What the app containers do (`containersOf`); `none`: the pod has not been started yet. */
    containers: z.enum(['none', 'waiting', 'running', 'terminated']).optional(),
    /** What the init containers do, sidecars aside: `begun` until all have ended well. */
    init: z.enum(['none', 'begun', 'done']).optional(),
    /** Annotations that must be there, or (`null`) must not. A text must be equal. */
    annotations: z.record(z.string(), z.union([z.literal(true), z.null(), z.string()])).default({}),
    /** Whether all app containers are ready now. */
    ready: z.boolean().optional(),
    /** Whether an app container has ended, or waits after its end, that the pod's restart policy starts again. */
    restarts: z.boolean().optional(),
    /** Whether an app container's image says by its name that there is none (`isMissingImage`), or all are there. */
    image: z.enum(['missing', 'present']).optional(),
    /** Whether the pod has an `activeDeadlineSeconds`. */
    deadline: z.boolean().optional(),
    /** The kind that controls the pod: `Job`. */
    ownedBy: z.string().optional(),
  }),
  after: z
    .strictObject({
      /**
       * From when the time counts: since the stage holds, the last start or end of a container, the first end of a running app
       * container that its command tells (`containerWork`), the next end or restart of an init container, the pod's active
       * deadline, or its deletion, whose grace period is the longest that the delay can be.
       */
      since: z.enum(['seen', 'started', 'finished', 'command', 'init', 'deadline', 'deleted']).default('seen'),
      delay: duration.default('0ms'),
      /** A random part of this is added. */
      jitter: duration.default('0ms'),
      /** An annotation that holds the delay instead. */
      delayFrom: z.string().optional(),
      /** The restart back-off is added to the delay: of the container that is to be started again first. */
      backOff: z.boolean().default(false),
      /** With `command`: how long a container runs whose command does not tell. Absent: until it is told to end. */
      unknown: duration.optional(),
    })
    .default({ since: 'seen', delay: '0ms', jitter: '0ms', backOff: false }),
  then: z.strictObject({
    /**
     * `start`: init containers run as far as they come, and once they are done the app containers; `wait`: containers wait for `reason`; `exit`: app containers end with
     * `exitCodeFrom`'s annotation (default 0), and restart or not by the pod's policy; `end`: so do those whose command has come to
     * its end, and without the annotation with the command's own code; `restart`: those run again whose back-off is over;
     * `ready` / `unready`: probes answer so;
     * `fail`: containers end and the pod has failed with `reason` and `message`; `kill`: containers end and the pod is deleted.
     */
    do: z.enum(['start', 'wait', 'exit', 'end', 'restart', 'ready', 'unready', 'fail', 'kill']),
    /** Of a waiting container or a failed pod. */
    reason: z.string().optional(),
    message: z.string().optional(),
    reasonFrom: z.string().optional(),
    exitCodeFrom: z.string().optional(),
  }),
});

export type Stage = z.infer<typeof stageSchema>;

export const stageFileSchema = z.strictObject({ stages: z.array(stageSchema).min(1) });

/** As a stage file has it, before the defaults. */
export type StageText = z.input<typeof stageSchema>;
