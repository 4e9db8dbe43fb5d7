import type { corev1 } from '@reckon/api/types';
import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';

/** For namespaces that say nothing themselves. */
export interface TolerationSettings {
  /** What pods get. */
  readonly defaults: readonly corev1.Toleration[];
  /** What pods may have; none: anything. */
  readonly allowed: readonly corev1.Toleration[];
}

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['', 'Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

const schema = z.strictObject({
  kind: z.literal('Configuration'),
  apiVersion: z.literal('podtolerationrestriction.admission.k8s.io/v1alpha1'),
  default: z.array(toleration).nullish(),
  whitelist: z.array(toleration).nullish(),
});

const list = z.array(toleration).nullable();

/** The plugin's part of `--admission-control-config-file`. Throws PluginConfigurationError. */
export function tolerationSettings(configuration: PluginConfiguration | undefined): TolerationSettings {
  if (configuration?.content === undefined) return { defaults: [], allowed: [] };
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success)
    throw new PluginConfigurationError(
      'PodTolerationRestriction',
      configuration.file,
      z.prettifyError(parsed.error),
      'write a Configuration of podtolerationrestriction.admission.k8s.io/v1alpha1',
    );
  const { default: defaults, whitelist } = parsed.data;
  return { defaults: cleaned(defaults ?? []), allowed: cleaned(whitelist ?? []) };
}

/** What an annotation says; undefined if that is no list of tolerations. */
export function readTolerations(text: string): readonly corev1.Toleration[] | undefined {
  if (text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = list.safeParse(value);
  return parsed.success ? cleaned(parsed.data ?? []) : undefined;
}

/** Without what is not said. */
const cleaned = (tolerations: readonly z.infer<typeof toleration>[]): corev1.Toleration[] =>
  tolerations.map(
    (given) =>
      Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined && v !== '')) as corev1.Toleration,
  );
