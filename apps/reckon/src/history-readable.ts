import { findReadable, type HistoryScope, type Readable } from '@reckon/history';
import type { OpenSource, ScopeFlags } from './history-flags';

/** What the caller may read of what the flags name; what is left out of it is said on standard error. */
export function readableOf(
  { source, namespace }: OpenSource,
  scopes: readonly HistoryScope[],
  flags: ScopeFlags,
): Promise<Readable> {
  return findReadable(source, {
    scopes,
    namespace: namespaceOf(flags),
    ...(flags.allNamespaces === true ? {} : { fallback: namespace }),
    onRefused: tellRefused,
    onNarrowed: tellNarrowed,
  });
}

/** The namespace that was asked for; '' for all. */
export const namespaceOf = (flags: ScopeFlags): string => (flags.allNamespaces === true ? '' : (flags.namespace ?? ''));

function tellRefused(resources: readonly string[]): void {
  if (resources.length > 0) console.error(`Without what you may not list: ${resources.join(', ')}`);
}

function tellNarrowed(namespace: string, across: readonly string[]): void {
  const what = across.length === 0 ? 'nothing' : `only ${across.join(', ')}`;
  console.error(
    `You may list ${what} in all namespaces: of the rest, this is namespace ${JSON.stringify(namespace)} (-n names another).`,
  );
}
