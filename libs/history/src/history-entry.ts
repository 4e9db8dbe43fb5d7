import { groupResourceName, type KubeObject } from '@reckon/api/machinery';

export type Verb = 'create' | 'update' | 'delete';

/** One change of one object, as `/history` tells it; a delete carries the last state. */
export interface HistoryEntry {
  readonly revision: number;
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** The object's entry before this one; 0 for a create. */
  readonly previous: number;
  /** The user's name, the User-Agent, the field manager and the audit id of the request. */
  readonly actor: string;
  readonly agent: string;
  readonly manager: string;
  readonly request: string;
  readonly object: KubeObject;
}

/** Which object an entry is of; equal for all entries of one object. */
export const keyOf = ({ group, resource, namespace, name }: Omit<ObjectName, 'version'>): string =>
  `${group}/${resource}/${namespace}/${name}`;

export interface ObjectName {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** `deployment.apps/web`, as kubectl prints objects. */
export function objectText({
  group,
  name,
  resource,
  object,
}: Omit<ObjectName, 'version' | 'namespace'> & { readonly object: KubeObject }): string {
  const singular = object.kind?.toLowerCase() ?? resource;
  return `${groupResourceName({ group, resource: singular })}/${name}`;
}
