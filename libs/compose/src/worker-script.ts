import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundled script of a thread or of the CLI (`reckon`): beside this file when it is bundled itself, else in `dist` of the repository. */
export function workerScript(name: 'log-writer' | 'log-reader' | 'agents' | 'relay' | 'reckon'): URL {
  const beside = new URL(`./${name}.mjs`, import.meta.url);
  return existsSync(fileURLToPath(beside)) ? beside : new URL(`../../../dist/${name}.mjs`, import.meta.url);
}
