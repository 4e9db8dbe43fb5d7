import { maxNodeScore } from '../framework/plugin';

/** Brings scores into 0 to 100 by their highest; reversed, the highest becomes 0 (plugins/helper.DefaultNormalizeScore). */
export function normalizeByHighest(scores: number[], direction: 'more is better' | 'less is better'): void {
  const reverse = direction === 'less is better';
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  for (const [i, raw] of scores.entries()) {
    if (highest === 0) {
      if (reverse) scores[i] = maxNodeScore;
      continue;
    }
    const score = Math.floor((maxNodeScore * raw) / highest);
    scores[i] = reverse ? maxNodeScore - score : score;
  }
}
