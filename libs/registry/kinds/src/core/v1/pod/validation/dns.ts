import { type FieldPath, fieldErrors, validateDns1123SubdomainWithUnderscore } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkText, type Errors } from '../../../../field-checks';
import { legacyIpMessages } from '../../../../networking/v1/ip-format';
import type { Tolerated } from './pod-context';

/** What libc takes. */
const mostNameservers = 3;
const mostSearches = 32;
const longestSearchList = 2048;

/** `validatePodDNSConfig`. */
export function validateDns(errors: Errors, path: FieldPath, spec: corev1.PodSpec, tolerated: Tolerated): void {
  const config = spec.dnsConfig;
  if (spec.dnsPolicy === 'None') {
    if (!config) {
      errors.push(fieldErrors.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if ((config.nameservers ?? []).length === 0) {
      errors.push(
        fieldErrors.required(
          path.child('nameservers'),
          'must provide at least one DNS nameserver when `dnsPolicy` is None',
        ),
      );
      return;
    }
  }
  if (!config) return;
  const nameservers = config.nameservers ?? [];
  const searches = config.searches ?? [];
  if (nameservers.length > mostNameservers)
    errors.push(
      fieldErrors.invalid(
        path.child('nameservers'),
        nameservers,
        `must not have more than ${String(mostNameservers)} nameservers`,
      ),
    );
  for (const [index, server] of nameservers.entries())
    checkText(errors, path.child('nameservers').index(index), server, (text) =>
      legacyIpMessages(text, tolerated.addresses),
    );
  if (searches.length > mostSearches)
    errors.push(
      fieldErrors.invalid(
        path.child('searches'),
        searches,
        `must not have more than ${String(mostSearches)} search paths`,
      ),
    );
  if (byteLength(searches.join(' ')) > longestSearchList)
    errors.push(
      fieldErrors.invalid(
        path.child('searches'),
        searches,
        `must not have more than ${String(longestSearchList)} characters (including spaces) in the search list`,
      ),
    );
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    checkText(errors, path.child('searches').index(index), name, validateDns1123SubdomainWithUnderscore);
  }
  for (const [index, option] of (config.options ?? []).entries())
    if (!option.name) errors.push(fieldErrors.required(path.child('options').index(index), 'must not be empty'));
}
