interface HasStatus {
  status?: unknown;
}

/** The status stays what it was, whatever the spec's writer sent. */
export function keepStatus<T extends HasStatus>(object: T, old: T): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

interface HasSpec {
  spec?: unknown;
}

/** The spec stays what it was, whatever the status's writer sent. */
export function keepSpec<T extends HasSpec>(object: T, old: T): void {
  if (old.spec === undefined) delete object.spec;
  else object.spec = old.spec;
}
