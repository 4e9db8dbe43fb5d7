import { type ObjectMeta, timeText } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';

/** apiserver/pkg/registry/rest `FillObjectMetaSystemFields`, and what the API machinery never takes from a client. */
export function fillSystemMetadata(meta: ObjectMeta, random: Random, nowMs: number): void {
  meta.uid = random.uuid();
  meta.creationTimestamp = timeText(nowMs);
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
}

/** apiserver/pkg/registry/rest `WipeObjectMetaSystemFields`: nobody who looks at a new object sees what its client made up. */
export function wipeSystemMetadata(meta: ObjectMeta): void {
  for (const field of systemFields) if (meta[field] !== undefined) delete meta[field];
}

const systemFields = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const satisfies readonly (keyof ObjectMeta)[];
