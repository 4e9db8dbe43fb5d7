import fc from 'fast-check';

/** What a property draws is the same in each run, so that a failure comes from the change at hand, not from the day. */
fc.configureGlobal({ seed: Number(process.env['RECKON_SEED'] ?? 1) });
