import { TokenKeyError, signingKey, tokenKeys } from '@reckon/serve/authn';
import { readPem } from './component-server/serving-certificate';
import { OptionError } from './option-error';

/** Keys of service account tokens, as files that flags name. */
interface TokenKeyFiles {
  /** `--service-account-signing-key-file`. */
  readonly signingKeyFile: string | undefined;
  /** `--service-account-key-file`. */
  readonly keyFiles: readonly string[];
}

export interface TokenKeys {
  /** Private key, PEM. Absent: the one of the data directory. */
  readonly signingKeyPem?: string;
  /** PEM. */
  readonly keyPems: readonly string[];
}

/** Files are read and tried now, so that a bad one is named at the start. */
export function readTokenKeys({ signingKeyFile, keyFiles }: TokenKeyFiles): TokenKeys {
  const keyPems = keyFiles.map((file) => readKey('--service-account-key-file', file, tokenKeys));
  if (signingKeyFile === undefined) return { keyPems };
  return { keyPems, signingKeyPem: readKey('--service-account-signing-key-file', signingKeyFile, signingKey) };
}

function readKey(flag: string, file: string, attempt: (pem: string) => unknown): string {
  const pem = readPem(file, flag);
  try {
    attempt(pem);
  } catch (cause) {
    if (!(cause instanceof TokenKeyError)) throw cause;
    throw new OptionError(`${flag}: ${file}: ${cause.message}`, cause.hint, { cause });
  }
  return pem;
}
