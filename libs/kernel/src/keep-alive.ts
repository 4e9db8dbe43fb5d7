/** Keeps the process alive although only timers of `systemTimers`, which do not, are left; the returned function ends that. */
export function keepAlive(): () => void {
  const timer = setInterval(() => undefined, 2 ** 30);
  return () => {
    clearInterval(timer);
  };
}
