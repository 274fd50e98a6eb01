/** Processor time of this process and all its threads so far, user and system together. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
