import { systemTimers } from '@reckon/kernel';
import { Command, InvalidArgumentError } from 'commander';

interface ProbeFlags {
  readonly ca?: string;
  readonly timeout: number;
}

/** `reckon probe`: a health check for images that have no curl. */
export function probeCommand(): Command {
  return new Command('probe')
    .description('end with exit code 0 if a URL answers 200, otherwise with 1 and a line that says why')
    .argument('<url>', 'https:// or http://')
    .option('--ca <file>', 'certificates of authorities, one of which must vouch for the server; default: any may')
    .option('--timeout <seconds>', 'how long it may take', seconds, 3)
    .action(async (url: string, { ca, timeout }: ProbeFlags) => {
      const { probe } = await import('./probe');
      await probe(url, {
        timeoutMs: timeout * 1_000,
        timers: systemTimers,
        ...(ca === undefined ? {} : { caFile: ca }),
      });
    });
}

function seconds(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > 3_600)
    throw new InvalidArgumentError('must be a whole number from 1 to 3600.');
  return n;
}
