/** Milliseconds as Go's `time.Duration` writes itself: `1h2m3.5s`, `1.25ms`, `0s`. Exact to the nanosecond. */
export function durationText(ms: number): string {
  const nanoseconds = Math.round(ms * 1e6);
  if (nanoseconds < 0) return `-${durationText(-ms)}`;
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${String(nanoseconds)}ns`;
  if (nanoseconds < 1e6) return `${shifted(nanoseconds, 3)}µs`;
  if (nanoseconds < 1e9) return `${shifted(nanoseconds, 6)}ms`;
  const minutes = Math.floor(nanoseconds / 60e9);
  const seconds = `${shifted(nanoseconds - minutes * 60e9, 9)}s`;
  if (minutes === 0) return seconds;
  return minutes < 60
    ? `${String(minutes)}m${seconds}`
    : `${String(Math.floor(minutes / 60))}h${String(minutes % 60)}m${seconds}`;
}

/** A whole number with so many of its digits behind a point, without zeros at the end. */
function shifted(whole: number, digits: number): string {
  const text = String(whole).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction === '' ? '' : `.${fraction}`);
}
