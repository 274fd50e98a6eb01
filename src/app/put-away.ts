/** Runs every step in order, whatever the ones before did, and then throws the first error there was. */
export async function putAway(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (caught) {
      errors.push(caught);
    }
  }
  if (errors.length > 0) throw errors[0];
}
