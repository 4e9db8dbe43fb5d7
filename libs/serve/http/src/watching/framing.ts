/** How the events of a watch follow each other in a buffer: as lines of JSON, or each after its length (protobuf). */
export type Framing = 'lines' | 'lengths';

export const lengthBytes = 4;

const newline = 10;

/** Bytes of each event in a buffer. */
export function eventSizes(frame: Buffer, framing: Framing): readonly number[] {
  const sizes: number[] = [];
  let from = 0;
  while (from < frame.length) {
    const to = framing === 'lines' ? lineEnd(frame, from) : from + lengthBytes + frame.readUInt32BE(from);
    sizes.push(to - from);
    from = to;
  }
  return sizes;
}

/** Behind the newline; the end of the buffer where there is none. */
export function lineEnd(frame: Buffer, from: number): number {
  const end = frame.indexOf(newline, from);
  return end === -1 ? frame.length : end + 1;
}
