import { OptionError } from '../option-error';

/**
 * Which paths `--authorization-always-allow-paths` names: each whole, or by how it begins where it ends with `*`; the first slash may be
 * left out (k8s.io/apiserver/pkg/authorization/path `NewAuthorizer`). Throws `OptionError`.
 */
export function openPaths(texts: readonly string[]): (path: string) => boolean {
  const whole = new Set<string>();
  const beginnings: string[] = [];
  for (const text of texts) {
    const path = withoutSlash(text);
    if (path.slice(0, -1).includes('*'))
      throw new OptionError(
        `--authorization-always-allow-paths: only trailing * allowed in ${JSON.stringify(path)}`,
        'name whole paths, or how they begin with a * behind it',
      );
    if (path.endsWith('*')) beginnings.push(path.slice(0, -1));
    else whole.add(path);
  }
  return (given) => {
    const path = withoutSlash(given);
    return whole.has(path) || beginnings.some((beginning) => path.startsWith(beginning));
  };
}

const withoutSlash = (path: string): string => (path.startsWith('/') ? path.slice(1) : path);
