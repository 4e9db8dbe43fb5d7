import {
  type ProfileConfiguration,
  type SchedulerConfiguration,
  SchedulerConfigurationError,
  defaultSchedulerConfiguration,
  defaultSchedulerName,
  extensionPoints,
  isPluginHere,
  isUpstreamPlugin,
  mergePlugins,
} from '@reckon/control/scheduling';
import * as z from 'zod';
import type { SchedulerFlags } from '../flags/scheduler-flags';
import { clientConnectionConfig, leaderElectionConfig } from './leader-election-config';
import { type ConfigKind, idleFields } from './read-config-file';
import { extendersConfig } from './scheduler-extender-config';
import { pluginArgs } from './scheduler-plugin-config';

export interface SchedulerConfig {
  readonly flags: Partial<SchedulerFlags>;
  readonly configuration: SchedulerConfiguration;
}

const pluginSet = z.strictObject({
  enabled: z.array(z.strictObject({ name: z.string().min(1), weight: z.number().int().min(0).optional() })).optional(),
  disabled: z.array(z.strictObject({ name: z.string().min(1), weight: z.number().optional() })).optional(),
});
type PluginSetConfig = z.infer<typeof pluginSet>;

const points = [...extensionPoints, 'multiPoint'] as const;
const plugins = z.strictObject(
  Object.fromEntries(points.map((point) => [point, pluginSet.optional()])) as Record<
    (typeof points)[number],
    z.ZodOptional<typeof pluginSet>
  >,
);

const percentage = z.number().int().min(0).max(100);

const profile = z
  .strictObject({
    schedulerName: z.string().min(1).default(defaultSchedulerName),
    percentageOfNodesToScore: percentage.nullish(),
    plugins: plugins.optional(),
    pluginConfig: z.array(z.strictObject({ name: z.string().min(1), args: z.unknown().optional() })).optional(),
  })
  .transform((c, ctx): ProfileConfiguration => {
    const sets = Object.fromEntries(
      Object.entries(c.plugins ?? {}).flatMap(([point, set]) => (set === undefined ? [] : [[point, setOf(set)]])),
    );
    try {
      mergePlugins(sets);
    } catch (error) {
      if (!(error instanceof SchedulerConfigurationError)) throw error;
      ctx.addIssue({ code: 'custom', path: ['plugins'], message: error.message });
    }
    return {
      schedulerName: c.schedulerName,
      plugins: sets,
      args: pluginArgs(c.pluginConfig ?? [], ctx),
      ...(c.percentageOfNodesToScore == null ? {} : { percentageOfNodesToScore: c.percentageOfNodesToScore }),
    };
  });

const setOf = ({ enabled = [], disabled = [] }: PluginSetConfig) => ({
  // A weight of 0 is none.
  enabled: enabled.map(({ name, weight = 0 }) => (weight === 0 ? { name } : { name, weight })),
  disabled: disabled.map(({ name }) => name),
});

const seconds = z.number().int();

const schema = z
  .strictObject({
    leaderElection: leaderElectionConfig.optional(),
    clientConnection: clientConnectionConfig.optional(),
    percentageOfNodesToScore: percentage.nullish(),
    podInitialBackoffSeconds: seconds.min(1).optional(),
    podMaxBackoffSeconds: seconds.min(1).optional(),
    profiles: z.array(profile).optional(),
    extenders: extendersConfig.optional(),
  })
  .transform((c, ctx): SchedulerConfig => {
    const { firstBackoffMs, longestBackoffMs } = defaultSchedulerConfiguration;
    const profiles = c.profiles === undefined || c.profiles.length === 0 ? undefined : c.profiles;
    const configuration: SchedulerConfiguration = {
      profiles: profiles ?? defaultSchedulerConfiguration.profiles,
      percentageOfNodesToScore: c.percentageOfNodesToScore ?? 0,
      firstBackoffMs: c.podInitialBackoffSeconds === undefined ? firstBackoffMs : c.podInitialBackoffSeconds * 1_000,
      longestBackoffMs: c.podMaxBackoffSeconds === undefined ? longestBackoffMs : c.podMaxBackoffSeconds * 1_000,
      ...(c.extenders === undefined ? {} : { extenders: c.extenders }),
    };
    if (configuration.longestBackoffMs < configuration.firstBackoffMs)
      ctx.addIssue({
        code: 'custom',
        path: ['podMaxBackoffSeconds'],
        message: 'must be greater than or equal to podInitialBackoffSeconds',
      });
    for (const [i, { schedulerName }] of configuration.profiles.entries())
      if (configuration.profiles.findIndex((other) => other.schedulerName === schedulerName) !== i)
        ctx.addIssue({
          code: 'custom',
          path: ['profiles', i, 'schedulerName'],
          message: `there are two profiles for ${JSON.stringify(schedulerName)}`,
        });
    return { flags: compact({ ...c.leaderElection, ...c.clientConnection }), configuration };
  });

/** `KubeSchedulerConfiguration`: values of the scheduler's flags, and how pods are placed. */
export const schedulerConfig: ConfigKind<SchedulerConfig> = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  schema,
  idle: new Map([
    ...idleFields('parallelism', 'nodes are looked at one after another, on one thread, however many'),
    ...idleFields('enableProfiling enableContentionProfiling', 'nothing of Go can be profiled here'),
    ...idleFields('delayCacheUntilActive', 'caches are filled when this one leads, not before'),
  ]),
  doubts: ({ configuration }) => configuration.profiles.flatMap(doubts),
};

/** What a profile says without effect, a line each. */
function doubts({ schedulerName, plugins: sets = {} }: ProfileConfiguration): readonly string[] {
  const lines = Object.entries(sets).flatMap(([point, { enabled = [], disabled = [] }]) => [
    ...enabled.flatMap(({ name }) =>
      isUpstreamPlugin(name) && !isPluginHere(name) ? [`${name} is enabled, but does nothing here`] : [],
    ),
    ...disabled.flatMap((name) =>
      name === '*' || isUpstreamPlugin(name) ? [] : [`${name}, which ${point} disables, does not exist`],
    ),
  ]);
  return [...new Set(lines)].map((line) => `profile ${schedulerName}: ${line}`);
}

/** Without what a file leaves out. */
export function compact<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
