import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ran, kubectlPath, run } from './kubectl';
import { reckonProgram } from './reckon-process';

/** A fenced block of a Markdown page. */
export interface PageBlock {
  /** What stands behind the fence: `console`, `sh`, … */
  readonly kind: string;
  readonly text: string;
}

/** The fenced blocks of a page of the repository, in order. */
export function pageBlocks(page: string): PageBlock[] {
  const text = readFileSync(join(import.meta.dirname, '../../..', page), 'utf8');
  return [...text.matchAll(/^```(\S+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', block = '']) => ({ kind, text: block }));
}

/**
 * The terminal of somebody who follows a page: commands run in one folder, with the real kubectl and the bundled `reckon`, and what
 * one command exports is there for the next.
 */
export class PageShell {
  private exported = '';
  private readonly bin: string;

  /** `folder` must exist; commands run in its `work`, which is its home too. */
  constructor(
    folder: string,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {
    this.bin = join(folder, 'bin');
    this.folder = join(folder, 'work');
    for (const one of [this.bin, this.folder]) mkdirSync(one);
    const reckon = join(this.bin, 'reckon');
    writeFileSync(reckon, `#!/bin/sh\nexec '${process.execPath}' '${reckonProgram}' "$@"\n`);
    chmodSync(reckon, 0o755);
  }

  /** Where the commands run. */
  readonly folder: string;

  run(command: string): Promise<Ran> {
    if (command.startsWith('export ')) this.exported += `${command}; `;
    return run('/bin/bash', ['-c', `cd '${this.folder}' || exit; ${this.exported}${command}`], {
      env: {
        HOME: this.folder,
        PATH: `${this.bin}:${dirname(kubectlPath())}:${process.env['PATH'] ?? ''}`,
        ...this.env,
      },
    });
  }
}
