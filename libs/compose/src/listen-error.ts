import type { ClusterOptions } from './cluster-options';
import { OptionError } from './option-error';

/** Why the server cannot listen, in words for a person. */
export function listenHint(error: unknown, { bindAddress, port }: ClusterOptions): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  const where = `${bindAddress}:${String(port)}`;
  switch (code) {
    case 'EADDRINUSE':
      return new OptionError(
        `${where} is taken by another program`,
        'choose another with --port, or --port 0 for a free one',
        {
          cause: error,
        },
      );
    case 'EACCES':
      return new OptionError(`this user may not listen on ${where}`, 'choose a port above 1023 with --port', {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
      return new OptionError(`this machine has no address ${bindAddress}`, 'choose another with --bind-address', {
        cause: error,
      });
    default:
      return error;
  }
}
