import { NightshiftError } from '../../shared/errors.ts';

/** The place that a job's files come from is away as a whole: none of them is missing, and the job waits until it is back. */
export class SourceAway extends NightshiftError {}
