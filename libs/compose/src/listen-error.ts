import { OptionError } from './option-error';

export interface ListenedAt {
  readonly address: string;
  readonly port: number;
  /** The flag that chooses the port. */
  readonly portFlag: string;
  /** The flag that chooses the address; default `--bind-address`. */
  readonly addressFlag?: string;
}

/** Why a server cannot listen, in words for a person. */
export function listenError(error: unknown, at: ListenedAt): unknown {
  const { address, port, portFlag, addressFlag = '--bind-address' } = at;
  const code = (error as { code?: unknown } | null)?.code;
  const where = `${address}:${String(port)}`;
  switch (code) {
    case 'EADDRINUSE':
      return new OptionError(
        `${where} is taken by another program`,
        `choose another with ${portFlag}, or ${portFlag} 0 for a free one`,
        { cause: error },
      );
    case 'EACCES':
      return new OptionError(`this user may not listen on ${where}`, `choose a port above 1023 with ${portFlag}`, {
        cause: error,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new OptionError(
        `${addressFlag}: ${address} is no address, and no name of one that this machine knows`,
        'name an address of this machine, or 0.0.0.0 for all',
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
      return new OptionError(`this machine has no address ${address}`, `choose another with ${addressFlag}`, {
        cause: error,
      });
    default:
      return error;
  }
}
