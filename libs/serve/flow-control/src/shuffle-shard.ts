import { createHash } from 'node:crypto';

/**
 * The queues that a flow may wait in: `handSize` different ones of `deckSize`, dealt by a hash of its schema and distinguisher.
 * Two flows share all of their queues only by an unlikely chance, so that one that floods its own leaves others a way.
 *
 * With a deck of 5 and a hand of 2: the hash says "the 4th of 5", then "the 2nd of the 4 left": queues 3 and 1.
 */
export function dealHand(schema: string, distinguisher: string, deckSize: number, handSize: number): readonly number[] {
  let hash = createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE(0);
  const left = Array.from({ length: deckSize }, (_, i) => i);
  const hand: number[] = [];
  while (hand.length < handSize && left.length > 0) {
    const size = BigInt(left.length);
    hand.push(...left.splice(Number(hash % size), 1));
    hash /= size;
  }
  return hand;
}
