export interface MirroringOptions {
  /** Addresses of one subset that are mirrored at most. */
  readonly mostPerSubset: number;
  /** How long others' changes of slices are gathered. */
  readonly batchPeriodMs: number;
  readonly workers: number;
}

export const mirroringDefaults: MirroringOptions = { mostPerSubset: 1_000, batchPeriodMs: 0, workers: 5 };
