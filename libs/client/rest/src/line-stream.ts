/** Splits bytes at newlines as they come; empty lines are left out. */
export class LineSplitter {
  private rest: Buffer[] = [];

  /** The lines that the chunk completes. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      if (this.rest.length > 0) {
        this.rest.push(piece);
        lines.push(Buffer.concat(this.rest));
        this.rest = [];
      } else if (piece.length > 0) lines.push(piece);
    }
    if (start < chunk.length) this.rest.push(chunk.subarray(start));
    return lines;
  }

  /** A last line without a newline. */
  end(): Buffer[] {
    return this.rest.length === 0 ? [] : [Buffer.concat(this.rest.splice(0))];
  }
}

/** The lines of a byte stream, those of one chunk together: whoever reads a thousand a second should not wait a thousand times. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}
