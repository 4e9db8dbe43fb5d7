import { randomInt, randomUUID } from 'node:crypto';

/** Randomness and ids are passed in, so that a run can be repeated. */
export interface Random {
  /** RFC 4122 version 4. */
  uuid(): string;
  /** Uniform integer in [0, below). */
  int(below: number): number;
  /** Uniform in [0, 1). */
  float(): number;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  int: (below) => randomInt(below),
  float: () => Math.random(),
};

/** Repeatable randomness (mulberry32) for tests and simulations; print the seed when a test fails. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const float = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(float() * 16).toString(16)).join('');
  return {
    float,
    int: (below) => Math.floor(float() * below),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(float() * 4)] ?? '8'}${hex(3)}-${hex(12)}`,
  };
}

const safeAlphanumerics = 'bcdfghjklmnpqrstvwxz2456789';

/** `length` characters without vowels, 0, 1 and 3 (k8s.io/apimachinery/pkg/util/rand `String`). */
export function safeSuffix(random: Random, length = 5): string {
  let text = '';
  for (let i = 0; i < length; i++) text += safeAlphanumerics[random.int(safeAlphanumerics.length)] ?? '';
  return text;
}
