import type { NameRule } from '@reckon/api/machinery';

/** A rule of the machinery in the form that a strategy takes. */
export const nameRule =
  (rule: NameRule) =>
  (name: string, prefix: boolean): string[] =>
    rule(name, prefix ? 'prefix' : 'name');
