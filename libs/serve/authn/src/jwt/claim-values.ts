import { goKindOf } from '@reckon/api/machinery';
import { TokenError } from '../token-authenticator';
import type { Claims } from './id-token';

const unfit = (value: unknown, wanted: string): TokenError =>
  new TokenError(`json: cannot unmarshal ${goKindOf(value)} into Go value of type ${wanted}`);

/** Throws `TokenError` where it is missing or no string; null is ''. */
export function stringClaim(claims: Claims, name: string): string {
  const value = presentClaim(claims, name);
  if (value === null) return '';
  if (typeof value !== 'string') throw unfit(value, 'string');
  return value;
}

export function booleanClaim(claims: Claims, name: string): boolean {
  const value = presentClaim(claims, name);
  if (value === null) return false;
  if (typeof value !== 'boolean') throw unfit(value, 'bool');
  return value;
}

/** One string is a list of one. */
export function stringsClaim(claims: Claims, name: string): string[] {
  const value = presentClaim(claims, name);
  if (value === null) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((one): one is string | null => one === null || typeof one === 'string'))
    return value.map((one) => one ?? '');
  throw unfit(value, 'string');
}

export const hasClaim = (claims: Claims, name: string): boolean => Object.hasOwn(claims, name);

function presentClaim(claims: Claims, name: string): unknown {
  if (!hasClaim(claims, name)) throw new TokenError('claim not present');
  return claims[name];
}
