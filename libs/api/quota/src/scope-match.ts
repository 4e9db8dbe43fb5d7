import type { ScopeSelector } from './evaluator';

/**
 * Whether one of the names fits a scope that compares names (helper.ScopedResourceSelectorRequirementsAsSelector). Nothing fits `In`
 * without a name, and it fits `NotIn` and `DoesNotExist`.
 */
export function matchesNames({ operator, values = [] }: ScopeSelector, names: readonly string[]): boolean {
  const candidates: readonly (string | undefined)[] = names.length === 0 ? [undefined] : names;
  return candidates.some((name) => {
    switch (operator) {
      case 'In':
        return name !== undefined && values.includes(name);
      case 'NotIn':
        return name === undefined || !values.includes(name);
      case 'Exists':
        return name !== undefined;
      case 'DoesNotExist':
        return name === undefined;
      default:
        return false;
    }
  });
}
