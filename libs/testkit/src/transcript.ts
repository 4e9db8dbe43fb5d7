import { dirname } from 'node:path';
import { kubectlPath, run } from './kubectl';
import type { ReckonProcess } from './reckon-process';

/** One command of a transcript with what it is expected to print (standard output, then standard error). */
export interface Step {
  readonly command: string;
  /** Lines of standard input, from a here-document. */
  readonly stdin: string;
  readonly expected: string;
}

/**
 * Reads a console transcript: `$ command`, then what it prints, up to the next `$`. A command that ends in `<<'EOF'` takes the lines
 * up to `EOF` as its input. Lines that begin with `#` before the first command are remarks.
 */
export function parseTranscript(text: string): Step[] {
  const steps: { command: string; stdin: string; expected: string }[] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const last = steps.at(-1);
    if (line.startsWith('$ ')) {
      const heredoc = / <<'?EOF'?$/.exec(line);
      const step = { command: line.slice(2), stdin: '', expected: '' };
      if (heredoc !== null) {
        step.command = line.slice(2, heredoc.index);
        for (i++; i < lines.length && lines[i] !== 'EOF'; i++) step.stdin += `${lines[i] ?? ''}\n`;
      }
      steps.push(step);
    } else if (last !== undefined) last.expected += `${line}\n`;
  }
  return steps;
}

/** The inverse of `parseTranscript`. */
export function renderTranscript(steps: readonly Step[], remarks = ''): string {
  return (
    remarks +
    steps
      .map(({ command, stdin, expected }) =>
        stdin === '' ? `$ ${command}\n${expected}` : `$ ${command} <<'EOF'\n${stdin}EOF\n${expected}`,
      )
      .join('')
  );
}

const masks: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  // A file's time in the head of a unified diff, in whatever zone the machine keeps.
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>'],
  [/(?<=\/(LIVE|MERGED)-)\d+/g, '<n>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, '<time>'],
  [/\b(containerd|reckon):\/\/[0-9a-f]{64}/g, '$1://<id>'],
  [/\bX509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<hash>'],
  // Generated names: the hash of a pod template, then five safe characters.
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<hash>-<suffix>'],
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '-<hash>'],
  [/-(token|access)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-$1-<suffix>'],
  [/^([a-z][a-z0-9-]*)-[bcdfghjklmnpqrstvwxz2456789]{5}(?= +IPv4)/gm, '$1-<suffix>'],
  [/(?<==)[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '<hash>'],
  [/\b10\.244\.\d+\.\d+/g, '<pod-ip>'],
  [/\b10\.(9[6-9]|10\d|11[01])\.\d+\.\d+/g, '<service-ip>'],
  [/\b127\.0\.0\.1:\d+/g, '<server>'],
  [/\breckon-node-\d+/g, '<node>'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>'],
  [/(resourceVersion: )"\d+"/g, '$1"<revision>"'],
  [/(\\"resourceVersion\\":\\")\d+/g, '$1<revision>'],
  [/\b10\.64\.\d+\.\d+/g, '<node-ip>'],
  // Not the seconds of a toleration, which are the object's.
  [/(?<!for )\b(\d+(d|h|m|s))+\b( ago)?/g, '<age>'],
  // Columns are as wide as their widest cell, which is masked; the indentation of a line stays.
  [/(?<=\S)[ \t]{2,}/g, '  '],
  [/[ \t]+$/gm, ''],
];

/** Stands in a transcript where the output does not end its last line. */
const noNewline = '\\ no newline at the end\n';

/** Replaces what differs from run to run: times, ages, ids, generated names, addresses; runs of spaces within a line become two. */
export function maskOutput(text: string): string {
  return masks.reduce((t, [pattern, by]) => t.replace(pattern, by), text);
}

/** Runs every step through a shell in order, with the real kubectl on a cluster; the result has what was really printed, masked. */
export async function replay(
  steps: readonly Step[],
  { kubeconfig, dataDir }: Pick<ReckonProcess, 'kubeconfig' | 'dataDir'>,
  moreEnv: Readonly<Record<string, string>> = {},
): Promise<Step[]> {
  const env = {
    ...moreEnv,
    KUBECONFIG: kubeconfig,
    HOME: dataDir,
    PATH: `${dirname(kubectlPath())}:${process.env['PATH'] ?? ''}`,
  };
  const replayed: Step[] = [];
  for (const step of steps) {
    const ran = await run('/bin/bash', ['-c', step.command], { stdin: step.stdin, env });
    replayed.push({ ...step, expected: endLine(maskOutput(ran.stdout + ran.stderr)) });
  }
  return replayed;
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n${noNewline}`;
}
