import fc from 'fast-check';

/**
 * `npm test` draws the same cases every time: a run that fails must fail again for whoever looks into it. The search
 * for new cases is `npm run test:night`'s, with a seed of its own each time; fast-check prints it with what it finds.
 */
const night = process.env.NIGHTSHIFT_NIGHT === '1';

fc.configureGlobal(night ? { numRuns: 2_000 } : { seed: 20_261_124 });
