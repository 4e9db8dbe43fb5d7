import { statusErrors } from '@reckon/api/machinery';
import { deepestNesting } from '../json/parse-node';
import { type Scan, scanJson } from '../json/scan';
import { DecodeError } from './decode-node';
import { TypeMetaError } from './type-meta';

/** The body of a server-side apply, before anything is known of its kind. */
export interface Configuration {
  readonly value: Record<string, unknown>;
  /** Upstream's text for keys that are there twice; undefined when there are none. */
  readonly duplicates: string | undefined;
}

/**
 * Reads YAML or JSON (the same to upstream) as a map (endpoints/handlers `applyPatcher`). The library for YAML loads on first use.
 * Throws StatusError 400.
 */
export async function readConfiguration(body: Buffer): Promise<Configuration> {
  const scan = scanJson(body);
  const quick = readPlainJson(body, scan);
  const { value, duplicates } =
    quick === undefined ? await readCarefully(body) : { value: quick, duplicates: undefined };
  if (value === null) return { value: {}, duplicates };
  if (typeof value !== 'object' || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw refused(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return { value: value as Record<string, unknown>, duplicates };
}

/** undefined when it is not plain JSON, or a key may be there twice. */
function readPlainJson(body: Buffer, scan: Scan): unknown {
  if (!scan.isPlain || scan.depth > deepestNesting) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && keysOf(value) === scan.keys ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const item of Object.values(value)) count += keysOf(item);
  return count;
}

async function readCarefully(
  body: Buffer,
): Promise<{ readonly value: unknown; readonly duplicates: string | undefined }> {
  const { readYaml } = await import('./read-yaml');
  try {
    return await readYaml(body);
  } catch (error) {
    if (error instanceof TypeMetaError || error instanceof DecodeError)
      throw refused(`error converting YAML to JSON: ${error.message}`);
    throw error;
  }
}

const refused = (why: string): Error => statusErrors.badRequest(`error decoding YAML: ${why}`);
