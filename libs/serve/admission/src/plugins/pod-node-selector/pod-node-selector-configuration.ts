import * as z from 'zod';
import { type PluginConfiguration, PluginConfigurationError } from '../../plugin-configuration';
import { selectorLabels } from './selector-labels';

/** By namespace, what its pods may select nodes by; `clusterDefaultNodeSelector` for those that say nothing. */
export type NodeSelectors = ReadonlyMap<string, string>;

const selector = z
  .string()
  .refine((text) => selectorLabels(text) !== undefined, { error: 'is no list of labels like "a=b,c=d"' });

const schema = z.strictObject({ podNodeSelectorPluginConfig: z.record(z.string(), selector).nullish() });

/** The plugin's part of `--admission-control-config-file`. Throws PluginConfigurationError. */
export function nodeSelectors(configuration: PluginConfiguration | undefined): NodeSelectors {
  if (configuration?.content === undefined) return new Map();
  const parsed = schema.safeParse(configuration.content);
  if (!parsed.success)
    throw new PluginConfigurationError(
      'PodNodeSelector',
      configuration.file,
      z.prettifyError(parsed.error),
      'write podNodeSelectorPluginConfig: with clusterDefaultNodeSelector and namespaces, each with a list of labels',
    );
  return new Map(Object.entries(parsed.data.podNodeSelectorPluginConfig ?? {}));
}
