import type { ScopeSelector } from '@reckon/api/quota';
import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';

/** What nobody may have without a quota for it (apiserver.config.k8s.io `LimitedResource`). */
export interface LimitedResource {
  readonly apiGroup: string;
  readonly resource: string;
  /** Parts of names of limits. */
  readonly matchContains: readonly string[];
  readonly matchScopes: readonly ScopeSelector[];
}

const scope = z.strictObject({
  scopeName: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(z.string()).optional(),
});

const schema = z.strictObject({
  kind: z.enum(['ResourceQuotaConfiguration', 'Configuration']),
  apiVersion: z.enum([
    'apiserver.config.k8s.io/v1',
    'resourcequota.admission.k8s.io/v1',
    'resourcequota.admission.k8s.io/v1beta1',
    'resourcequota.admission.k8s.io/v1alpha1',
  ]),
  limitedResources: z
    .array(
      z.strictObject({
        apiGroup: z.string().default(''),
        resource: z.string().min(1),
        matchContains: z.array(z.string()).default([]),
        matchScopes: z.array(scope).default([]),
      }),
    )
    .nullish(),
});

/** The plugin's part of `--admission-control-config-file`. Throws PluginConfigurationError. */
export function limitedResources(configuration: PluginConfiguration | undefined): readonly LimitedResource[] {
  if (configuration?.content === undefined) return [];
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success)
    throw new PluginConfigurationError(
      'ResourceQuota',
      configuration.file,
      z.prettifyError(parsed.error),
      'write a ResourceQuotaConfiguration of apiserver.config.k8s.io/v1',
    );
  return (parsed.data.limitedResources ?? []).map(({ matchScopes, ...rest }) => ({
    ...rest,
    matchScopes: matchScopes.map(({ values, ...own }) => ({ ...own, ...(values === undefined ? {} : { values }) })),
  }));
}
