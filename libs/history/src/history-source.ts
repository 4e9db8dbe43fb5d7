import type { HistoryEntry } from './history-entry';
import type { ResourceInfo } from './resource-names';

/** Whose history: of a resource, in a namespace ('' = all), of a name ('' = all). */
export interface HistoryScope {
  readonly resource: ResourceInfo;
  readonly namespace: string;
  readonly name: string;
}

export interface HistoryRequest {
  /** Absent: of everything. */
  readonly scope?: HistoryScope;
  /** Of everything in this namespace; only without a scope. */
  readonly namespace?: string;
  /** Entries after this revision; default: from the oldest that is kept. */
  readonly after?: number;
  /** Also below a floor: what compaction left. Always so without `after`. */
  readonly gaps?: boolean;
  /** Up to this revision; default: the newest. */
  readonly to?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly limit?: number;
  /** Goes on when the newest is reached, until the signal is aborted. */
  readonly follow?: boolean;
  readonly actor?: string;
  readonly manager?: string;
  readonly request?: string;
  readonly signal?: AbortSignal;
}

/** Below its floor the history of a resource is compacted: only the newest entries of what lived there are left. */
export interface Floor {
  /** `/coordination.k8s.io/leases/`; the core group is `core`. */
  readonly prefix: string;
  readonly floor: number;
}

export interface LogPosition {
  /** Which log this is: the cluster id. */
  readonly id: string;
  readonly head: number;
  readonly floors: readonly Floor[];
}

/**
 * A history that can be asked: of a server, with the rights of the caller, or of a log file.
 *
 * Throws `StatusError` where a server would refuse: 403 for what the caller may not read, 410 for a range that is compacted.
 */
export interface HistorySource {
  /** Resources that have a history, in order of discovery. */
  resources(): Promise<readonly ResourceInfo[]>;
  /** In order of revision. Ends at the newest, or never when it follows. */
  entries(request: HistoryRequest): AsyncIterable<HistoryEntry>;
  /** The same as they were sent, see `entry-lines.ts`: no number in an object has lost a digit. */
  lines(request: HistoryRequest): AsyncIterable<Buffer>;
  /** Where the log stands, as far as the caller may know who may read this scope (absent: everything). */
  position(scope?: HistoryScope): Promise<LogPosition>;
  /** Newest revision at or before a time; with the rights that `position` needs. */
  revisionAt(timeMs: number, scope?: HistoryScope): Promise<number>;
  close(): Promise<void>;
}

export const prefixOf = ({ group, resource }: { readonly group: string; readonly resource: string }): string =>
  `/${group === '' ? 'core' : group}/${resource}/`;

/** Floor of a resource's history; 0 if it was never compacted. */
export function floorOf(
  position: Pick<LogPosition, 'floors'>,
  of: { readonly group: string; readonly resource: string },
): number {
  const prefix = prefixOf(of);
  return position.floors.find((floor) => floor.prefix === prefix)?.floor ?? 0;
}
