/** Runs once everything that is ready in this turn of the event loop has been handled: for work that gathers. */
export function nextTurn(run: () => void): void {
  setImmediate(run);
}
