import type { WatchEvent } from '@reckon/store/contract';
import type { Folded } from '@reckon/store/view';
import type { Transition } from './transition';

/** The event that a watcher sees for a change. */
export function watchEventOf(
  change: Pick<Folded, 'before' | 'after'>,
  transition: Exclude<Transition, 'none'>,
): WatchEvent {
  const { after, before } = change;
  const { revision } = after;
  switch (transition) {
    case 'added':
      return { type: 'ADDED', revision, object: after };
    case 'modified':
      return { type: 'MODIFIED', revision, object: after };
    case 'deleted':
      return { type: 'DELETED', revision, object: after };
    case 'left':
      return { type: 'DELETED', revision, object: (before ?? after).restamped(revision) };
  }
}
