import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeletFlags } from '../flags/kubelet-flags';
import { OptionError } from '../option-error';
import { kubeletConfig } from './kubelet-config';
import { readConfigFile } from './read-config-file';

/** What `--config` says, and after it each file of `--config-dir`, by name (cmd/kubelet/app.mergeKubeletConfigurations). */
export async function kubeletConfigFiles(
  { config, 'config-dir': folder }: Pick<KubeletFlags, 'config' | 'config-dir'>,
  warn: (line: string) => void,
): Promise<Partial<KubeletFlags>> {
  const files = [...(config === '' ? [] : [config]), ...(folder === '' ? [] : filesIn(folder))];
  let said: Partial<KubeletFlags> = {};
  for (const file of files) said = { ...said, ...(await readConfigFile(file, kubeletConfig, warn)) };
  return said;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new OptionError(
      `--config-dir: cannot read ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'it must be a folder with files whose names end in .conf',
      { cause },
    );
  }
}
