import type { Verb } from '@reckon/store/contract';
import type { ResourceTable } from './resource-table';
import type { Stored } from './stored';

/** One change after it went into the view: what the key was before, and what the entry carries (for a delete the last state). */
export interface Folded {
  readonly verb: Verb;
  readonly before: Stored | undefined;
  readonly after: Stored;
  readonly table: ResourceTable;
}

/** The state of the key after the change: nothing after a delete. */
export const stateAfter = (change: Folded): Stored | undefined => (change.verb === 'delete' ? undefined : change.after);
