/**
 * Faults have names. `failpoint('log.afterInsert')` does nothing until a test (or the `RECKON_FAILPOINTS` of a worker) arms it.
 * A spec checks that every name used in the code is fired by some test.
 */
type Action = (name: string) => void;

const armed = new Map<string, Action>();

export function failpoint(name: string): void {
  if (armed.size === 0) return;
  armed.get(name)?.(name);
}

/** Arms a failpoint; the returned function disarms it. */
export function armFailpoint(name: string, action: Action): () => void {
  armed.set(name, action);
  return () => armed.delete(name);
}

/** `name=throw`, `name=exit`, `name=hang:250` joined by commas; how a child process or worker is told. */
export function armFromText(text: string): void {
  for (const part of text.split(',').filter((p) => p !== '')) {
    const [name = '', what = 'throw'] = part.split('=');
    const [kind, argument = '0'] = what.split(':');
    armFailpoint(name, () => {
      if (kind === 'exit') process.kill(process.pid, 'SIGKILL');
      if (kind === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(argument));
      if (kind === 'throw') throw new Error(`failpoint ${name}`);
    });
  }
}
