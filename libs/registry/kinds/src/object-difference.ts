import { stringifyJson } from '@reckon/api/machinery';
import { unifiedDifference } from './unified-difference';

/** How two internal forms differ, as upstream tells it (k8s.io/apimachinery/pkg/util/diff.Diff). */
export const objectDifference = (old: unknown, now: unknown): string => unifiedDifference(linesOf(old), linesOf(now));

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

/** encoding/json.MarshalIndent with one blank. */
function linesOf(value: unknown): string[] {
  return stringifyJson(value, 1)
    .replace(/[<>&]/g, (character) => escapes[character] ?? character)
    .split('\n');
}
