import {
  type Quantity,
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantitySign,
  quantityText,
  subtractQuantities,
} from '@reckon/api/machinery';

/** How much of each named resource (`v1.ResourceList`), with exact numbers. */
export type Amounts = ReadonlyMap<string, Quantity>;

type AmountTexts = Readonly<Record<string, string>>;

/** Of what stands in an object; throws `QuantityError` where that is no quantity, which the server lets nobody write. */
export function amountsOf(texts: AmountTexts | null | undefined): Map<string, Quantity> {
  const amounts = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(texts ?? {})) amounts.set(name, parseQuantity(text));
  return amounts;
}

/** As it stands in an object. */
export function amountTexts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, quantity]) => [name, quantityText(quantity)]));
}

export function addTo(sum: Map<string, Quantity>, more: Amounts): void {
  for (const [name, quantity] of more) {
    const old = sum.get(name);
    sum.set(name, old === undefined ? quantity : addQuantities(old, quantity));
  }
}

/** What `amounts` is more than `before`, resource by resource; nothing for those that are not more (quota.SubtractWithNonNegativeResult). */
export function growth(amounts: Amounts, before: Amounts): Map<string, Quantity> {
  const grown = new Map<string, Quantity>();
  for (const [name, quantity] of amounts) {
    const old = before.get(name);
    const more = old === undefined ? quantity : subtractQuantities(quantity, old);
    if (quantitySign(more) > 0) grown.set(name, more);
  }
  return grown;
}

/** The larger of both, for each resource that either names. */
export function raiseTo(amounts: Map<string, Quantity>, other: Amounts): void {
  for (const [name, quantity] of other) {
    const old = amounts.get(name);
    if (old === undefined || compareQuantities(quantity, old) > 0) amounts.set(name, quantity);
  }
}

/** The same names with the same numbers, however they are written (quota.Equals). */
export function equalAmounts(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false;
  for (const [name, quantity] of a) {
    const other = b.get(name);
    if (other === undefined || compareQuantities(quantity, other) !== 0) return false;
  }
  return true;
}
