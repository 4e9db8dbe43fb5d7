export type ColorFlag = 'auto' | 'always' | 'never';

export const colorOf = (flag: ColorFlag): boolean =>
  flag === 'always' || (flag === 'auto' && process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '');
