import type { KindRegistry } from '@reckon/api/kinds';
import { type GroupVersionKind, goQuote } from '@reckon/api/machinery';

/** Where the packages of Go's own forms are not called as their groups begin (kubernetes/pkg/apis). */
const packages: Readonly<Record<string, string>> = { '': 'core', 'events.k8s.io': 'core' };
const scheme = 'pkg/api/legacyscheme/scheme.go:30';

/**
 * Why a patched document that calls itself another kind cannot become an object of the expected one (apimachinery/pkg/runtime `Scheme`,
 * through which upstream puts the results of JSON and merge patches). undefined where it can, or says nothing of its kind.
 */
export function otherKindProblem(
  kinds: KindRegistry,
  expected: GroupVersionKind,
  document: unknown,
): string | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const { apiVersion, kind } = document as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') return undefined;
  const parts = apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const version = parts.pop() ?? '';
  const group = parts[0] ?? '';
  if (kind === expected.kind && group === expected.group && version === expected.version) return undefined;
  const found = kinds.structOf({ group, version, kind });
  if (found === undefined)
    return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme ${goQuote(scheme)}`;
  if (kind === expected.kind && group === expected.group) return undefined;
  const own = packages[expected.group] ?? expected.group.replace(/\..*/, '');
  return `converting (${found.goName}) to (${own}.${expected.kind}): unknown conversion`;
}
