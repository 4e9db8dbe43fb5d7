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
