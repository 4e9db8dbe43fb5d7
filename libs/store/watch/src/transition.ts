import type { Match } from '@reckon/store/contract';
import type { Folded } from '@reckon/store/view';

/**
 * What one change is to one watcher. `left` is a DELETED for an object that lives on but no longer matches: it carries the last
 * matching state, where `deleted` carries what the delete's entry carries.
 */
export type Transition = 'none' | 'added' | 'modified' | 'deleted' | 'left';

/** As upstream's cacher decides it (apiserver/pkg/storage/cacher `cacheWatcher.convertToWatchEvent`). */
export function transitionOf(change: Pick<Folded, 'verb' | 'before' | 'after'>, match: Match | undefined): Transition {
  const { verb, before, after } = change;
  if (match === undefined) return verb === 'create' ? 'added' : verb === 'update' ? 'modified' : 'deleted';
  const didMatch = before !== undefined && match(before.labels, before.fields);
  if (verb === 'delete') return didMatch ? 'deleted' : 'none';
  if (match(after.labels, after.fields)) return didMatch ? 'modified' : 'added';
  return didMatch ? 'left' : 'none';
}
