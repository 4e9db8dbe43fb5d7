/** Parts of an autoscaler, in either version; deliberately loose: in annotations anything may stand. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a field is when it is not there: nothing, an empty text, no amount, or a reference to nothing. */
type Kind = 'optional' | 'text' | 'quantity' | 'reference';

/** One value that the versions have at different places: a name in autoscaling/v1, a path in autoscaling/v2. */
type Place = readonly [name: string, path: string, kind: Kind];

/** The kinds of metrics, each with its values in the order of the structs of autoscaling/v1. */
type Sources = Readonly<Record<string, readonly Place[]>>;

const specs: Sources = {
  object: [
    ['target', 'describedObject', 'reference'],
    ['metricName', 'metric.name', 'text'],
    ['targetValue', 'target.value', 'quantity'],
    ['selector', 'metric.selector', 'optional'],
    ['averageValue', 'target.averageValue', 'optional'],
  ],
  pods: [
    ['metricName', 'metric.name', 'text'],
    ['targetAverageValue', 'target.averageValue', 'quantity'],
    ['selector', 'metric.selector', 'optional'],
  ],
  resource: [
    ['name', 'name', 'text'],
    ['targetAverageUtilization', 'target.averageUtilization', 'optional'],
    ['targetAverageValue', 'target.averageValue', 'optional'],
  ],
  containerResource: [
    ['name', 'name', 'text'],
    ['targetAverageUtilization', 'target.averageUtilization', 'optional'],
    ['targetAverageValue', 'target.averageValue', 'optional'],
    ['container', 'container', 'text'],
  ],
  external: [
    ['metricName', 'metric.name', 'text'],
    ['metricSelector', 'metric.selector', 'optional'],
    ['targetValue', 'target.value', 'optional'],
    ['targetAverageValue', 'target.averageValue', 'optional'],
  ],
};

const statuses: Sources = {
  object: [
    ['target', 'describedObject', 'reference'],
    ['metricName', 'metric.name', 'text'],
    ['currentValue', 'current.value', 'quantity'],
    ['selector', 'metric.selector', 'optional'],
    ['averageValue', 'current.averageValue', 'optional'],
  ],
  pods: [
    ['metricName', 'metric.name', 'text'],
    ['currentAverageValue', 'current.averageValue', 'quantity'],
    ['selector', 'metric.selector', 'optional'],
  ],
  resource: [
    ['name', 'name', 'text'],
    ['currentAverageUtilization', 'current.averageUtilization', 'optional'],
    ['currentAverageValue', 'current.averageValue', 'quantity'],
  ],
  containerResource: [
    ['name', 'name', 'text'],
    ['currentAverageUtilization', 'current.averageUtilization', 'optional'],
    ['currentAverageValue', 'current.averageValue', 'quantity'],
    ['container', 'container', 'text'],
  ],
  external: [
    ['metricName', 'metric.name', 'text'],
    ['metricSelector', 'metric.selector', 'optional'],
    ['currentValue', 'current.value', 'quantity'],
    ['currentAverageValue', 'current.averageValue', 'optional'],
  ],
};

/** autoscaling/v1 does not say what a target counts: it follows from which of them is there. */
const targetTypes: Readonly<Record<string, (source: Fields) => string>> = {
  object: (source) => (isThere(read(source, 'averageValue')) ? 'AverageValue' : 'Value'),
  pods: () => 'AverageValue',
  resource: (source) => (isThere(read(source, 'targetAverageUtilization')) ? 'Utilization' : 'AverageValue'),
  containerResource: (source) => (isThere(read(source, 'targetAverageUtilization')) ? 'Utilization' : 'AverageValue'),
  external: (source) => (isThere(read(source, 'targetValue')) ? 'Value' : 'AverageValue'),
};

export const metricSpecToV1 = (metric: Fields): Fields => toV1(metric, specs);
export const metricStatusToV1 = (metric: Fields): Fields => toV1(metric, statuses);
export const metricStatusToV2 = (metric: Fields): Fields => toV2(metric, statuses, () => undefined);
export const metricSpecToV2 = (metric: Fields): Fields =>
  toV2(metric, specs, (name, source) => ['target.type', targetTypes[name]?.(source) ?? '']);

function toV1(metric: Fields, sources: Sources): Fields {
  const result: Record<string, unknown> = { type: metric['type'] ?? '' };
  for (const [name, places] of Object.entries(sources)) {
    const source = metric[name];
    if (!isFields(source)) continue;
    const out: Record<string, unknown> = {};
    for (const [field, path, kind] of places) {
      const value = orZero(at(source, path), kind);
      if (value !== undefined) out[field] = value;
    }
    result[name] = out;
  }
  return result;
}

function toV2(
  metric: Fields,
  sources: Sources,
  more: (name: string, source: Fields) => readonly [path: string, value: unknown] | undefined,
): Fields {
  const result: Record<string, unknown> = { type: read(metric, 'type') ?? '' };
  for (const [name, places] of Object.entries(sources)) {
    const source = read(metric, name);
    if (!isThere(source)) continue;
    // Left as it is, it is refused as what it is.
    if (!isFields(source)) {
      result[name] = source;
      continue;
    }
    const out: Record<string, unknown> = {};
    for (const [field, path, kind] of places) {
      const value = orZero(read(source, field), kind);
      if (value !== undefined) put(out, path, value);
    }
    const added = more(name, source);
    if (added !== undefined) put(out, ...added);
    result[name] = out;
  }
  return result;
}

function orZero(value: unknown, kind: Kind): unknown {
  switch (kind) {
    case 'optional':
      return value ?? undefined;
    case 'text':
      return value ?? '';
    case 'quantity':
      return value ?? '0';
    case 'reference':
      return referenceOf(value);
  }
}

/** `CrossVersionObjectReference`, the same in both. */
export function referenceOf(value: unknown): unknown {
  if (isThere(value) && !isFields(value)) return value;
  const source = isFields(value) ? value : {};
  const apiVersion = read(source, 'apiVersion');
  return {
    kind: read(source, 'kind') ?? '',
    name: read(source, 'name') ?? '',
    ...(isThere(apiVersion) && apiVersion !== '' ? { apiVersion } : {}),
  };
}

/** Go's decoder takes a member whose name differs in case only. */
export function read(source: Fields, name: string): unknown {
  if (Object.hasOwn(source, name)) return source[name];
  const wanted = name.toLowerCase();
  const other = Object.keys(source).find((key) => key.toLowerCase() === wanted);
  return other === undefined ? undefined : source[other];
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isThere = (value: unknown): boolean => value !== undefined && value !== null;

/** Paths have one step or two. */
function at(source: Fields, path: string): unknown {
  let value: unknown = source;
  for (const step of path.split('.')) value = isFields(value) ? value[step] : undefined;
  return value;
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', second] = path.split('.');
  if (second === undefined) target[first] = value;
  else target[first] = { ...(target[first] as Fields | undefined), [second]: value };
}
