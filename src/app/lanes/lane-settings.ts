import {
  defaultLaneSettings,
  laneSettingsSchema,
  schedulingModes,
  type LaneSettings,
} from '../../shared/domain/lanes.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import { jsonOf } from '../json-of.ts';
import type { Log } from '../ports.ts';

const settingKey = 'lane-settings';
/** Where earlier versions kept the mode alone. */
const modeKey = 'scheduling-mode';

/** What an operator chose for the device; settings that cannot be read give way to the usual ones, and that is logged. */
export async function loadLaneSettings(store: Pick<StoreClient, 'call'>, log: Log): Promise<LaneSettings> {
  const saved = await store.call('settings.get', { key: settingKey });
  if (saved === null) {
    const mode = await store.call('settings.get', { key: modeKey });
    const known = schedulingModes.find((one) => one === mode);
    if (known === undefined) return defaultLaneSettings;
    const settings = { ...defaultLaneSettings, mode: known };
    await saveLaneSettings(store, settings);
    return settings;
  }
  const parsed = laneSettingsSchema.safeParse(jsonOf(saved));
  if (parsed.success) return parsed.data;
  log.warn('the settings of the lanes were not understood; the usual ones are in force', {
    field: parsed.error.issues[0]?.path.join('.') ?? '',
  });
  return defaultLaneSettings;
}

export async function saveLaneSettings(store: Pick<StoreClient, 'call'>, settings: LaneSettings): Promise<void> {
  await store.call('settings.set', { key: settingKey, value: JSON.stringify(settings) });
}

/** The settings with a change in them. `bad-input` names the field. */
export function patchLaneSettings(settings: LaneSettings, patch: Partial<LaneSettings>): LaneSettings {
  const parsed = laneSettingsSchema.safeParse({ ...settings, ...patch });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new NightshiftError({
    kind: 'bad-input',
    message: `These settings of the lanes do not work: ${issue?.message ?? 'not understood'}`,
    where: issue?.path.join('.') ?? 'lanes.configure',
    hint: 'See System, Lanes for what can be set.',
  });
}
