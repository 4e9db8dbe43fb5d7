import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';

export interface ImagePolicySettings {
  /** Where the backend is, and who we are there. */
  readonly kubeConfigFile: string;
  /** How long an answer is kept; 0: it is not. */
  readonly allowedMs: number;
  readonly refusedMs: number;
  /** Before the second try; then half as much again each time. */
  readonly backoffMs: number;
  /** What a backend that gives no answer means. */
  readonly allowsByDefault: boolean;
}

const whole = z.int().optional();

const schema = z.looseObject({
  imagePolicy: z.looseObject({
    kubeConfigFile: z.string().min(1),
    allowTTL: whole,
    denyTTL: whole,
    retryBackoff: whole,
    defaultAllow: z.boolean().optional(),
  }),
});

const hint = 'write imagePolicy: with kubeConfigFile, and allowTTL, denyTTL (seconds), retryBackoff (ms), defaultAllow';
const longestMs = 30 * 60_000;
const longestBackoffMs = 5 * 60_000;

/** The plugin's part of `--admission-control-config-file`, without which it cannot work. Throws PluginConfigurationError. */
export function imagePolicySettings(configuration: PluginConfiguration | undefined): ImagePolicySettings {
  const refuse = (problem: string, file = configuration?.file ?? '--admission-control-config-file'): Error =>
    new PluginConfigurationError('ImagePolicyWebhook', file, problem, hint);
  if (configuration?.content === undefined) throw refuse('no config specified');
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error));
  const { kubeConfigFile, allowTTL, denyTTL, retryBackoff, defaultAllow = false } = parsed.data.imagePolicy;
  /** -1 is never, 0 and absent the usual (imagepolicy `normalizeConfigDuration`). */
  const time = (
    value: number | undefined,
    unitMs: number,
    { usualMs, mostMs }: { usualMs: number; mostMs: number },
  ) => {
    if (value === undefined || value === 0) return usualMs;
    if (value === -1) return 0;
    const ms = value * unitMs;
    const [least, most] = unitMs === 1 ? ['1ns', '5m0s'] : ['1s', '30m0s'];
    if (ms <= (unitMs === 1 ? 0 : unitMs) || ms > mostMs)
      throw refuse(`valid value is between ${least} and ${most}, got ${String(value)}${unitMs === 1 ? 'ms' : 's'}`);
    return ms;
  };
  return {
    kubeConfigFile,
    allowedMs: time(allowTTL, 1000, { usualMs: 5 * 60_000, mostMs: longestMs }),
    refusedMs: time(denyTTL, 1000, { usualMs: 30_000, mostMs: longestMs }),
    backoffMs: time(retryBackoff, 1, { usualMs: 500, mostMs: longestBackoffMs }),
    allowsByDefault: defaultAllow,
  };
}
