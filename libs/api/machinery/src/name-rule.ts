import { validateDns1035Label, validateDns1123Label, validateDns1123Subdomain } from './names';

/** How a name is used: whole, or as the start of a generated one (then it may end in a dash). */
export type NameUse = 'name' | 'prefix';

/** What a kind demands of its names (k8s.io/apimachinery/pkg/api/validation `ValidateNameFunc`). */
export type NameRule = (name: string, use: NameUse) => string[];

/** The rule of most kinds. */
export const nameIsDnsSubdomain: NameRule = (name, use) => validateDns1123Subdomain(masked(name, use));
/** Namespaces and most kinds whose name becomes a host name. */
export const nameIsDnsLabel: NameRule = (name, use) => validateDns1123Label(masked(name, use));
export const nameIsDns1035Label: NameRule = (name, use) => validateDns1035Label(masked(name, use));

/** Names that only have to fit into a URL: roles, bindings, CSRs (k8s.io/apimachinery/pkg/api/validation/path). */
export const nameIsPathSegment: NameRule = (name, use) => {
  if (use === 'name' && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
};

/**
 * A generated suffix follows the dash, so the dash and the character before it count as one letter (`maskTrailingDash`). Upstream cuts
 * bytes: a character of several stays, in part, and is refused as the whole one is here.
 */
function masked(name: string, use: NameUse): string {
  const isMasked = use === 'prefix' && name.length > 1 && name.endsWith('-') && name.charCodeAt(name.length - 2) < 0x80;
  return isMasked ? `${name.slice(0, -2)}a` : name;
}
