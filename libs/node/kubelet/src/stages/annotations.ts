/** What a pod may ask of its simulated life. DESIGN.md has the table; a spec holds the two equal. */
export const annotations = {
  startAfter: 'reckon.dev/start-after',
  imageError: 'reckon.dev/image-error',
  ready: 'reckon.dev/ready',
  completeAfter: 'reckon.dev/complete-after',
  exitCode: 'reckon.dev/exit-code',
  terminateAfter: 'reckon.dev/terminate-after',
} as const;
