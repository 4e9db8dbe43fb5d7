import type { corev1 } from '@reckon/api/types';
import { type PluginArgs, defaultArgs, isUpstreamPlugin } from '@reckon/control/scheduling';
import * as z from 'zod';

export interface PluginConfig {
  readonly name: string;
  readonly args?: unknown;
}

const apiVersion = 'kubescheduler.config.k8s.io/v1';
const typeMeta = (kind: string) => ({
  apiVersion: z.literal(apiVersion).optional(),
  kind: z.literal(kind).optional(),
});

const resourceWeight = z.strictObject({
  name: z.string().min(1),
  weight: z.number().int().min(1).max(100).default(1),
});
const resources = z.array(resourceWeight).min(1);

const shape = z
  .array(z.strictObject({ utilization: z.number().int().min(0).max(100), score: z.number().int().min(0).max(10) }))
  .min(1)
  .refine((points) => points.every((p, i) => i === 0 || p.utilization > (points[i - 1]?.utilization ?? 0)), {
    message: 'utilization values must be sorted in increasing order',
  });

const { scoring: usual } = defaultArgs.NodeResourcesFit;
const scoringStrategy = z
  .strictObject({
    type: z.enum(['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']).default('LeastAllocated'),
    resources: resources.default([...usual.resources]),
    requestedToCapacityRatio: z.strictObject({ shape }).optional(),
  })
  .transform((c, ctx) => {
    if (c.type !== 'RequestedToCapacityRatio') return { type: c.type, resources: c.resources };
    if (c.requestedToCapacityRatio === undefined)
      ctx.addIssue({
        code: 'custom',
        path: ['requestedToCapacityRatio', 'shape'],
        message: 'at least one point must be specified',
      });
    return { type: c.type, resources: c.resources, shape: c.requestedToCapacityRatio?.shape ?? [] };
  });

const fitArgs = z
  .strictObject({
    ...typeMeta('NodeResourcesFitArgs'),
    ignoredResources: z.array(z.string().min(1)).default([]),
    ignoredResourceGroups: z
      .array(
        z
          .string()
          .min(1)
          .refine((group) => !group.includes('/'), "a resource group name can't contain '/'"),
      )
      .default([]),
    scoringStrategy: scoringStrategy.optional(),
  })
  .transform((c) => ({
    ignoredResources: c.ignoredResources,
    ignoredResourceGroups: c.ignoredResourceGroups,
    scoring: c.scoringStrategy ?? usual,
  }));

const balancedAllocationArgs = z
  .strictObject({
    ...typeMeta('NodeResourcesBalancedAllocationArgs'),
    resources: z
      .array(resourceWeight.refine(({ weight }) => weight === 1, 'resource weight must be 1'))
      .min(1)
      .default([...defaultArgs.NodeResourcesBalancedAllocation.resources]),
  })
  .transform((c) => ({ resources: c.resources }));

const topologySpreadArgs = z
  .strictObject({
    ...typeMeta('PodTopologySpreadArgs'),
    defaultConstraints: z
      .array(
        z.strictObject({
          maxSkew: z.number().int().min(1),
          topologyKey: z.string().min(1),
          whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
        }),
      )
      .default([]),
    defaultingType: z.enum(['List', 'System']).default('System'),
  })
  .transform((c, ctx): NonNullable<PluginArgs['PodTopologySpread']> => {
    const { defaultConstraints } = c;
    if (c.defaultingType === 'List') return { defaultingType: 'List', defaultConstraints };
    if (defaultConstraints.length > 0)
      ctx.addIssue({
        code: 'custom',
        path: ['defaultingType'],
        message: 'when .defaultConstraints are specified, it must be List',
      });
    return { defaultingType: 'System' };
  });

const interPodAffinityArgs = z
  .strictObject({
    ...typeMeta('InterPodAffinityArgs'),
    hardPodAffinityWeight: z.number().int().min(0).max(100).default(1),
    ignorePreferredTermsOfExistingPods: z.boolean().default(false),
  })
  .transform(({ hardPodAffinityWeight, ignorePreferredTermsOfExistingPods }) => ({
    hardPodAffinityWeight,
    ignorePreferredTermsOfExistingPods,
  }));

const requirement = z.strictObject({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
  values: z.array(z.string()).optional(),
});
const term = z.strictObject({
  matchExpressions: z.array(requirement).optional(),
  matchFields: z.array(requirement).optional(),
});
const nodeAffinityArgs = z
  .strictObject({
    ...typeMeta('NodeAffinityArgs'),
    addedAffinity: z
      .strictObject({
        requiredDuringSchedulingIgnoredDuringExecution: z
          .strictObject({ nodeSelectorTerms: z.array(term).min(1) })
          .optional(),
        preferredDuringSchedulingIgnoredDuringExecution: z
          .array(z.strictObject({ weight: z.number().int().min(1).max(100), preference: term }))
          .optional(),
      })
      .nullish(),
  })
  .transform((c) => (c.addedAffinity == null ? {} : { addedAffinity: c.addedAffinity as corev1.NodeAffinity }));

const preemptionArgs = z
  .strictObject({
    ...typeMeta('DefaultPreemptionArgs'),
    minCandidateNodesPercentage: z.number().int().min(0).max(100).default(10),
    minCandidateNodesAbsolute: z.number().int().min(0).default(100),
  })
  .transform(({ minCandidateNodesPercentage, minCandidateNodesAbsolute }, ctx) => {
    if (minCandidateNodesPercentage === 0 && minCandidateNodesAbsolute === 0)
      ctx.addIssue({
        code: 'custom',
        message: 'both minCandidateNodesPercentage and minCandidateNodesAbsolute cannot be zero',
      });
    return { minCandidateNodesPercentage, minCandidateNodesAbsolute };
  });

const volumeBindingArgs = z
  .strictObject({
    ...typeMeta('VolumeBindingArgs'),
    bindTimeoutSeconds: z.number().int().min(0).default(600),
  })
  .transform(({ bindTimeoutSeconds }) => ({ bindTimeoutSeconds }));

const schemas: Readonly<Record<string, z.ZodType>> = {
  NodeResourcesFit: fitArgs,
  NodeResourcesBalancedAllocation: balancedAllocationArgs,
  PodTopologySpread: topologySpreadArgs,
  InterPodAffinity: interPodAffinityArgs,
  NodeAffinity: nodeAffinityArgs,
  DefaultPreemption: preemptionArgs,
  VolumeBinding: volumeBindingArgs,
} satisfies Record<keyof PluginArgs, z.ZodType>;

/** `pluginConfig` of a profile (k8s.io/kube-scheduler/config/v1/types_pluginargs.go). Arguments of plugins that are not here go unread. */
export function pluginArgs(configs: readonly PluginConfig[], ctx: z.RefinementCtx): PluginArgs {
  const read: Record<string, unknown> = {};
  for (const [i, { name, args }] of configs.entries()) {
    const refuse = (message: string, path: readonly PropertyKey[] = []): void => {
      ctx.addIssue({ code: 'custom', path: ['pluginConfig', i, ...path], message });
    };
    if (!isUpstreamPlugin(name)) refuse(`plugin ${JSON.stringify(name)} does not exist`, ['name']);
    if (configs.findIndex((other) => other.name === name) !== i) refuse(`repeated config for plugin ${name}`);
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    const parsed = schema?.safeParse(args ?? {});
    if (parsed === undefined) continue;
    if (parsed.success) read[name] = parsed.data;
    else for (const { path, message } of parsed.error.issues) refuse(message, ['args', ...path]);
  }
  return read;
}
