import { NightshiftError } from '../../shared/errors.ts';

const known = ['tensorrt', 'cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/**
 * `NIGHTSHIFT_PROVIDERS=cuda,cpu`: execution providers to try in this order, and nothing is measured. Undefined where
 * it is not set; throws `bad-input` for a name that nobody has.
 */
export function pinnedProviders(env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
  const names = (env['NIGHTSHIFT_PROVIDERS'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: `There is no execution provider "${unknown}".`,
      where: 'NIGHTSHIFT_PROVIDERS',
      hint: `Name some of ${known.join(', ')}, or leave it out: then the fastest is used.`,
    });
  }
  return names.length === 0 ? undefined : names;
}
