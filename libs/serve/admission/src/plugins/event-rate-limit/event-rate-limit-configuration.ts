import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';

export type LimitType = 'Server' | 'Namespace' | 'User' | 'SourceAndObject';

export interface EventLimit {
  readonly type: LimitType;
  /** Events per second. */
  readonly qps: number;
  /** Events at once. */
  readonly burst: number;
  /** Of so many namespaces, users or sources it is known how many they sent. */
  readonly cacheSize: number;
}

const positive = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('Configuration'),
  apiVersion: z.literal('eventratelimit.admission.k8s.io/v1alpha1'),
  limits: z
    .array(
      z.strictObject({
        type: z.enum(['Server', 'Namespace', 'User', 'SourceAndObject']),
        qps: positive,
        burst: positive,
        cacheSize: z.int().nonnegative().default(0),
      }),
    )
    .min(1),
});

const usualCacheSize = 4096;
const hint = 'write a Configuration of eventratelimit.admission.k8s.io/v1alpha1 with limits: [{type, qps, burst}]';

/** The plugin's part of `--admission-control-config-file`, without which it cannot work. Throws PluginConfigurationError. */
export function eventLimits(configuration: PluginConfiguration | undefined): readonly EventLimit[] {
  if (configuration?.content === undefined)
    throw new PluginConfigurationError('EventRateLimit', '--admission-control-config-file', 'says no limits', hint);
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success)
    throw new PluginConfigurationError('EventRateLimit', configuration.file, z.prettifyError(parsed.error), hint);
  return parsed.data.limits.map((limit) => ({ ...limit, cacheSize: limit.cacheSize || usualCacheSize }));
}
