import { nameIsPathSegment } from '@reckon/api/machinery';

/** What will stand between two slashes of a request (pathvalidation.IsValidPathSegmentName). */
export const pathSegmentRule = (text: string): readonly string[] => nameIsPathSegment(text, 'name');
