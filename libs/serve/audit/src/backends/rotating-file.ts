import { type Clock, type Logger, type Running, nextTurn } from '@reckon/kernel';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backupPath, tidyBackups } from './file-backups';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file that would grow beyond it is put aside first. */
  readonly maxBytes: number;
  /** Files put aside are kept this long; 0 sets no limit. */
  readonly maxAgeDays: number;
  /** This many of them; 0 sets no limit. */
  readonly maxBackups: number;
  readonly compress: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Batch {
  readonly texts: string[];
  readonly written: Promise<void>;
  readonly done: (error?: Error) => void;
}

/**
 * A file to which lines are appended off the main thread: what comes in one turn of the event loop is one write. Not fsynced: a crash
 * of the machine may cost the last lines, one of the process costs none that were written.
 */
export class RotatingFile implements Running {
  private gathering: Batch | undefined;
  private isWriting = false;
  /** A write failed in the middle: what comes next begins a line of its own. */
  private isTorn = false;
  private idle: Promise<void> = Promise.resolve();
  private tidying: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: RotatingFileOptions,
    private handle: FileHandle,
    private size: number,
  ) {}

  /** Rejects if it cannot be written to. For this user only. */
  static async open(options: RotatingFileOptions): Promise<RotatingFile> {
    await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
    const handle = await open(options.path, 'a', 0o600);
    const { size } = await handle.stat();
    const file = new RotatingFile(options, handle, size);
    file.tidy();
    return file;
  }

  /** Resolves when the system has it. */
  write(text: string): Promise<void> {
    let batch = this.gathering;
    if (batch === undefined) {
      this.gathering = batch = newBatch();
      if (!this.isWriting) nextTurn(this.flush);
    }
    batch.texts.push(text);
    return batch.written;
  }

  /** What was gathered is written. */
  async stop(): Promise<void> {
    if (this.gathering !== undefined) {
      await this.idle;
      this.flush();
      await this.idle;
    }
    await this.idle;
    await this.tidying;
    await this.handle.close();
  }

  private readonly flush = (): void => {
    const batch = this.gathering;
    if (batch === undefined || this.isWriting) return;
    this.gathering = undefined;
    this.isWriting = true;
    this.idle = this.append(Buffer.from((this.isTorn ? '\n' : '') + batch.texts.join(''))).then(
      () => {
        this.ended(batch);
      },
      (error: unknown) => {
        this.ended(batch, error as Error);
      },
    );
  };

  private ended(batch: Batch, error?: Error): void {
    this.isWriting = false;
    batch.done(error);
    if (this.gathering !== undefined) this.flush();
  }

  private async append(bytes: Buffer): Promise<void> {
    if (this.size > 0 && this.size + bytes.length > this.options.maxBytes) await this.rotate();
    let at = 0;
    while (at < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at);
      at += bytesWritten;
      this.size += bytesWritten;
      this.isTorn = at < bytes.length;
    }
  }

  private async rotate(): Promise<void> {
    const { path, clock } = this.options;
    let ms = clock.nowMs();
    while (await exists(backupPath(path, ms))) ms++;
    await rename(path, backupPath(path, ms));
    const before = this.handle;
    this.handle = await open(path, 'a', 0o600);
    this.size = 0;
    await before.close();
    this.tidy();
  }

  /** Old files go, and are compressed, while new lines come. */
  private tidy(): void {
    this.tidying = this.tidying
      .then(() => tidyBackups(this.options))
      .catch((error: unknown) => {
        this.options.logger.error('old audit logs could not be tidied', { path: this.options.path, error });
      });
  }
}

function newBatch(): Batch {
  let done: Batch['done'] = () => undefined;
  const written = new Promise<void>((resolve, reject) => {
    done = (error) => {
      if (error === undefined) resolve();
      else reject(error);
    };
  });
  return { texts: [], written, done };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Not there, or not to be seen: the rename will tell.
    return false;
  }
}
