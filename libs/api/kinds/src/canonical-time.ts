const timeForm = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{6})?Z$/;
const zeroTime = '0001-01-01T00:00:00';

/** True for what metav1.Time writes, e.g. `2026-01-01T00:00:00Z`. */
export function isCanonicalTime(text: string): boolean {
  return text.length === 20 && timeForm.test(text) && isRealDay(text) && text !== `${zeroTime}Z`;
}

/** True for what metav1.MicroTime writes: six digits of a second. */
export function isCanonicalMicroTime(text: string): boolean {
  return text.length === 27 && timeForm.test(text) && isRealDay(text) && text !== `${zeroTime}.000000Z`;
}

function isRealDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
