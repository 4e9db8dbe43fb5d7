import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';
import { levels, modes, openPolicy, parseVersion, type Policy } from './policy';

/** Who and what is not looked at. */
export interface Exemptions {
  readonly namespaces: ReadonlySet<string>;
  readonly usernames: ReadonlySet<string>;
  readonly runtimeClasses: ReadonlySet<string>;
}

export interface PodSecuritySettings {
  readonly defaults: Policy;
  readonly exemptions: Exemptions;
}

const level = z.enum(levels).default('privileged');
const version = z
  .string()
  .default('latest')
  .refine((text) => parseVersion(text) !== undefined, { error: 'must be "latest" or "v1.x"' });
const names = z
  .array(z.string().min(1))
  .nullish()
  .refine((list) => new Set(list ?? []).size === (list ?? []).length, { error: 'names something twice' });

const schema = z.strictObject({
  kind: z.literal('PodSecurityConfiguration'),
  apiVersion: z.enum([
    'pod-security.admission.config.k8s.io/v1',
    'pod-security.admission.config.k8s.io/v1beta1',
    'pod-security.admission.config.k8s.io/v1alpha1',
  ]),
  defaults: z
    .strictObject({
      enforce: level,
      'enforce-version': version,
      audit: level,
      'audit-version': version,
      warn: level,
      'warn-version': version,
    })
    .partial()
    .nullish(),
  exemptions: z.strictObject({ namespaces: names, usernames: names, runtimeClasses: names }).partial().nullish(),
});

const nothingExempt: Exemptions = { namespaces: new Set(), usernames: new Set(), runtimeClasses: new Set() };

/** The plugin's part of `--admission-control-config-file`. Throws PluginConfigurationError. */
export function podSecuritySettings(configuration: PluginConfiguration | undefined): PodSecuritySettings {
  if (configuration?.content === undefined) return { defaults: openPolicy, exemptions: nothingExempt };
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success)
    throw new PluginConfigurationError(
      'PodSecurity',
      configuration.file,
      z.prettifyError(parsed.error),
      'write a PodSecurityConfiguration of pod-security.admission.config.k8s.io/v1',
    );
  const { defaults, exemptions } = parsed.data;
  const policy = { ...openPolicy };
  for (const mode of modes)
    policy[mode] = {
      level: defaults?.[mode] ?? 'privileged',
      version: parseVersion(defaults?.[`${mode}-version`] ?? 'latest') ?? 'latest',
    };
  return {
    defaults: policy,
    exemptions: {
      namespaces: new Set(exemptions?.namespaces),
      usernames: new Set(exemptions?.usernames),
      runtimeClasses: new Set(exemptions?.runtimeClasses),
    },
  };
}
