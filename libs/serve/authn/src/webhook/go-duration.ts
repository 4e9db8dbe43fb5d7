/** Milliseconds as Go prints a duration: `1m30s`, `1.5s`, `200ms`. */
export function goDurationText(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const total = Math.abs(ms);
  if (total > 0 && total < 1000) return `${sign}${String(total)}ms`;
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const seconds = (total % 60_000) / 1000;
  return `${sign}${hours > 0 ? `${String(hours)}h` : ''}${hours + minutes > 0 ? `${String(minutes)}m` : ''}${String(seconds)}s`;
}
