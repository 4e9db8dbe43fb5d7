type ResourceList = Record<string, string>;

const finerThanMilli = /^(-?)(\d+)([nu])$/;
const exponent = /^(-?)(\d+)e(-\d+)$/;

/** `100u` → `1m`: canonical quantities finer than a thousandth are rounded away from zero (SetDefaults_ResourceList). */
export function roundUpToMilli(quantity: string): string {
  const suffixed = finerThanMilli.exec(quantity);
  if (suffixed !== null) {
    const unit = suffixed[3] === 'n' ? 1_000_000n : 1_000n;
    return milliText(suffixed[1] ?? '', ceilDivide(BigInt(suffixed[2] ?? '0'), unit), 'm');
  }
  const scientific = exponent.exec(quantity);
  const power = Number(scientific?.[3] ?? 0);
  if (scientific !== null && power < -3)
    return milliText(scientific[1] ?? '', ceilDivide(BigInt(scientific[2] ?? '0'), 10n ** BigInt(-3 - power)), 'e-3');
  return quantity;
}

function ceilDivide(value: bigint, unit: bigint): bigint {
  return (value + unit - 1n) / unit;
}

function milliText(sign: string, milli: bigint, suffix: string): string {
  if (milli % 1000n === 0n) return `${sign}${String(milli / 1000n)}`;
  return `${sign}${String(milli)}${suffix}`;
}

/** Rounds a list in place; lists are short and almost never need it. */
export function roundResourceList(list: ResourceList | undefined): void {
  if (list === undefined || list === null) return;
  for (const name of Object.keys(list)) {
    const quantity = list[name] ?? '';
    const last = quantity.charCodeAt(quantity.length - 1);
    // 'n' or 'u', or a digit after an exponent.
    if (last !== 110 && last !== 117 && !quantity.includes('e-')) continue;
    const rounded = roundUpToMilli(quantity);
    if (rounded !== quantity) list[name] = rounded;
  }
}

/** Adds to `into` what it lacks of `from`; gives the list to keep (`from` undefined changes nothing). */
export function fillResourceList(
  into: ResourceList | undefined,
  from: ResourceList | undefined,
): ResourceList | undefined {
  if (from === undefined || from === null) return into;
  const result = into ?? {};
  for (const name of Object.keys(from)) {
    const quantity = from[name];
    if (quantity !== undefined && !Object.hasOwn(result, name)) result[name] = quantity;
  }
  return result;
}
