/** pino's numbers of its levels, as people read them. */
const levels: Readonly<Record<number, { readonly name: string; readonly colour: number }>> = {
  20: { name: 'DEBUG', colour: 90 },
  30: { name: 'INFO ', colour: 32 },
  40: { name: 'WARN ', colour: 33 },
  50: { name: 'ERROR', colour: 31 },
};

/**
 * One line of JSON as pino writes it, for a person: `2026-01-31T12:00:00.000Z WARN  apiserver: history not compacted error="disk full"`.
 * It stays one line, whatever its fields hold: line ends and control characters are escaped, so that nothing in a log can pass for
 * another line or steer a terminal.
 */
export function logText(json: string, { isColoured }: { readonly isColoured: boolean }): string {
  const { time, level, component, msg, ...fields } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const paint = (text: string, colour: number): string =>
    isColoured ? `\u001B[${String(colour)}m${text}\u001B[0m` : text;
  const { name, colour } = levels[Number(level)] ?? { name: String(level), colour: 0 };
  const told = [
    paint(timeText(time), 90),
    paint(name, colour),
    `${plainText(component)}:`,
    plainText(msg),
    ...Object.entries(fields).map(([key, value]) => `${paint(`${valueText(key)}=`, 36)}${valueText(value)}`),
  ];
  return `${told.join(' ')}\n`;
}

function timeText(time: unknown): string {
  const at = new Date(Number(time));
  return Number.isNaN(at.getTime()) ? String(time) : at.toISOString();
}

const plainText = (value: unknown): string => (typeof value === 'string' ? escaped(value) : valueText(value));

/** Bare if it can be told from what stands around it; else as JSON. */
function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return escaped(value);
  return escaped(JSON.stringify(value) ?? '');
}

const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) =>
    c === '\n' ? '\\n' : `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
