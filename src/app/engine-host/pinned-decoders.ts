import { hardwareNames, type HardwareDecoder } from '../../shared/domain/decoding.ts';
import { NightshiftError } from '../../shared/errors.ts';

const known = Object.keys(hardwareNames) as readonly HardwareDecoder[];

/**
 * `NIGHTSHIFT_DECODERS=vaapi`: the only hardware decoders that may be tried, `none` for the processor alone. Undefined where
 * it is not set; throws `bad-input` for a name that nobody has.
 */
export function pinnedDecoders(
  env: Readonly<Record<string, string | undefined>>,
): readonly HardwareDecoder[] | undefined {
  const names = (env['NIGHTSHIFT_DECODERS'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length === 0) return undefined;
  return names
    .filter((name) => name !== 'none')
    .map((name) => {
      const hardware = known.find((one) => one === name);
      if (hardware !== undefined) return hardware;
      throw new NightshiftError({
        kind: 'bad-input',
        message: `There is no hardware decoder "${name}".`,
        where: 'NIGHTSHIFT_DECODERS',
        hint: `Name some of ${known.join(', ')}, or none, or leave it out: then those are tried that may be here.`,
      });
    });
}
