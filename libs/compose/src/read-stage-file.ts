import type { Stage } from '@reckon/node/kubelet';
import { readFileSync } from 'node:fs';
import { OptionError } from './option-error';

/** The stages of `--pod-stages`, YAML or JSON; undefined without the flag. What is wrong with the file is named by its path. */
export async function readStageFile(file: string | undefined): Promise<readonly Stage[] | undefined> {
  if (file === undefined) return undefined;
  const hint = 'libs/node/kubelet/DESIGN.md tells what a stage file holds';
  let content: unknown;
  try {
    const { parse } = await import('./yaml-text');
    content = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new OptionError(`--pod-stages: cannot read ${file}: ${why}`, hint, { cause });
  }
  const { stageFileSchema } = await import('@reckon/node/kubelet/stage-file');
  const parsed = stageFileSchema.safeParse(content);
  if (parsed.success) return parsed.data.stages;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OptionError(`--pod-stages: ${file}: ${issues.join('; ')}`, hint);
}
