import { objectKey } from '@reckon/client/cache';
import type { Claim, Result, Volume } from '@reckon/control/runtime';
import {
  classNameOf,
  done,
  findMatchingVolume,
  isDelayed,
  isMarked,
  requeueAfter,
  volumeMarks,
} from '@reckon/control/runtime';
import type { BinderParts } from './binder-parts';

/** A volume that its seeker did not take is offered to the next after this long. */
const offerAgain: Result = requeueAfter(100);

/**
 * Brings a free volume to the notice of the claims that wait for any, each volume to another claim: were all told of every volume,
 * a hundred of both would be ten thousand looks. The claim still chooses, and may take another volume.
 */
export class Seekers {
  /** Keys of claims that will look soon. Bound: the claims that are queued. */
  private readonly offered = new Set<string>();

  constructor(
    private readonly parts: BinderParts,
    /** A claim that cannot be bound is tried again in its own time. */
    private readonly isFailing: (claimKey: string) => boolean,
  ) {}

  looked(claimKey: string): void {
    this.offered.delete(claimKey);
  }

  offer(volumeName: string): Result {
    const volume = this.parts.volumes.byKey(volumeName);
    if (volume?.status?.phase !== 'Available' || volume.spec?.claimRef !== undefined) return done;
    const waiting = this.parts.claims.list().filter((claim) => this.isFor(volume, claim));
    if (waiting.length === 0) return done;
    const key = waiting.map((claim) => objectKey(claim)).find((one) => !this.offered.has(one));
    if (key !== undefined) {
      this.offered.add(key);
      this.parts.enqueueClaim(key);
    }
    return offerAgain;
  }

  private isFor(volume: Volume, claim: Claim): boolean {
    if (isMarked(claim, volumeMarks.bindCompleted) || this.isFailing(objectKey(claim))) return false;
    if ((claim.spec?.volumeName ?? '') !== '') return false;
    if (isDelayed(this.parts.classes.byKey(classNameOf(claim)))) return false;
    return findMatchingVolume(claim, [volume], { among: 'all' }) !== undefined;
  }
}
