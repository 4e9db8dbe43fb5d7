import { type NameRule, nameIsDnsSubdomain } from '@reckon/api/machinery';
import type { Strategy } from './strategy';

/** The strategy's rule for names in the machinery's form; most kinds take DNS-1123 subdomains. */
export function nameRuleOf({ nameRule }: Strategy): NameRule {
  return nameRule === undefined ? nameIsDnsSubdomain : (name, use) => nameRule(name, use === 'prefix');
}
