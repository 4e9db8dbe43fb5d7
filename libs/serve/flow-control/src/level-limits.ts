import type { flowcontrolv1 } from '@reckon/api/types';

type Level = flowcontrolv1.PriorityLevelConfiguration;

export interface Queuing {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** What a PriorityLevelConfiguration says, with its defaults. */
export interface LevelSpec {
  readonly name: string;
  readonly uid: string;
  readonly isExempt: boolean;
  readonly shares: number;
  readonly lendablePercent: number;
  /** Absent: it may borrow whatever others lend. */
  readonly borrowingLimitPercent: number | undefined;
  /** Absent: what finds no seat is refused. */
  readonly queuing: Queuing | undefined;
}

/** Seats of a level; those it has now move between the lower and the upper limit. */
export interface LevelLimits {
  readonly nominal: number;
  readonly lower: number;
  readonly upper: number;
}

/** Undefined for one that contradicts itself: it is as good as not there. */
export function levelSpec({ metadata, spec }: Level): LevelSpec | undefined {
  const name = metadata.name ?? '';
  const isExempt = spec?.type === 'Exempt';
  if (spec === undefined || isExempt !== (name === 'exempt')) return undefined;
  const base = { name, uid: metadata.uid ?? '', isExempt };
  if (isExempt)
    return {
      ...base,
      shares: spec.exempt?.nominalConcurrencyShares ?? 0,
      lendablePercent: spec.exempt?.lendablePercent ?? 0,
      borrowingLimitPercent: undefined,
      queuing: undefined,
    };
  const { limited } = spec;
  if (limited === undefined) return undefined;
  const queues = limited.limitResponse?.type === 'Queue' ? limited.limitResponse.queuing : undefined;
  if (limited.limitResponse?.type === 'Queue' && queues === undefined) return undefined;
  const { borrowingLimitPercent } = limited;
  return {
    ...base,
    shares: limited.nominalConcurrencyShares ?? 30,
    lendablePercent: limited.lendablePercent ?? 0,
    borrowingLimitPercent: borrowingLimitPercent ?? undefined,
    queuing:
      queues === undefined
        ? undefined
        : {
            queues: queues.queues ?? 64,
            handSize: queues.handSize ?? 8,
            queueLengthLimit: queues.queueLengthLimit ?? 50,
          },
  };
}

/** Divides the seats of the server; rounding up may give a few more than there are. */
export function levelLimits(spec: LevelSpec, shareSum: number, serverSeats: number): LevelLimits {
  const nominal = shareSum === 0 ? 0 : Math.ceil((serverSeats * spec.shares) / shareSum);
  const lendable = Math.round((nominal * spec.lendablePercent) / 100);
  const borrowable =
    spec.borrowingLimitPercent === undefined ? serverSeats : Math.round((nominal * spec.borrowingLimitPercent) / 100);
  return { nominal, lower: nominal - lendable, upper: nominal + borrowable };
}
