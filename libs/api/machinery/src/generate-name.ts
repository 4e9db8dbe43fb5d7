import { type Random, safeSuffix } from '@reckon/kernel';

const maximumNameLength = 63;
const suffixLength = 5;

/**
 * A name for `generateName`: the base cut to 58 characters and five random ones without vowels, 0, 1 and 3
 * (k8s.io/apiserver/pkg/storage/names.SimpleNameGenerator). The caller tries again when the name is taken.
 */
export function generateName(base: string, random: Random): string {
  return base.slice(0, maximumNameLength - suffixLength) + safeSuffix(random, suffixLength);
}
