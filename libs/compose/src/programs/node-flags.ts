import type { corev1 } from '@reckon/api/types';
import { OptionError } from '../option-error';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:effect` or `key:effect`, as `--register-with-taints` takes them (pkg/util/taints `parseTaint`). */
export function taintsOf(texts: readonly string[]): readonly corev1.Taint[] {
  return texts.map((text) => {
    const [, key = '', value, effect = ''] = /^([^=:]+)(?:=([^:]*))?:([A-Za-z]+)$/.exec(text) ?? [];
    if (key === '' || !effects.includes(effect))
      throw new OptionError(
        `--register-with-taints: ${text} is not a taint`,
        `write key=value:effect, with the effect ${effects.join(', ')}`,
      );
    return { key, effect, ...(value === undefined || value === '' ? {} : { value }) };
  });
}

/** A node's name as upstream makes it of the host's: in small letters, without blanks; it must be a DNS subdomain. */
export function nodeNameOf(name: string, flag: string): string {
  const wanted = name.trim().toLowerCase();
  if (wanted.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(wanted))
    throw new OptionError(`${flag}: ${name} cannot be the name of a node`, 'use small letters, digits, "-" and "."');
  return wanted;
}
