import type { PluginName } from './plugin-names';

/** What `--admission-control-config-file` says for one plugin. */
export interface PluginConfiguration {
  /** The parsed content of the plugin's file, or what stands inline: not yet looked at. */
  readonly content: unknown;
  /** The file that it stands in, for messages and for paths that are relative to it. */
  readonly file: string;
}

export type PluginConfigurations = Readonly<Partial<Record<PluginName, PluginConfiguration>>>;

/** A plugin's configuration that cannot be used. */
export class PluginConfigurationError extends Error {
  readonly code = 'PluginConfiguration';

  constructor(
    readonly plugin: string,
    readonly file: string,
    problem: string,
    readonly hint: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`--admission-control-config-file: ${file}: admission plugin ${plugin}: ${problem}`, options);
    this.name = 'PluginConfigurationError';
  }
}
