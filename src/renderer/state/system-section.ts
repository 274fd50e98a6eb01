/** The parts of System, each with an address: `#/system/<section>`. */
export const systemSections = ['lanes', 'planner', 'self-check', 'load-test', 'device'] as const;
export type SystemSection = (typeof systemSections)[number];

/** Of the address; Lanes where it names none. */
export const sectionOf = (subject: string | null): SystemSection =>
  systemSections.find((section) => section === subject) ?? 'lanes';
