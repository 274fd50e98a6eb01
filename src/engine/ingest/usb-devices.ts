import { realpathSync } from 'node:fs';
import { Device } from 'node-av/lib';
import { usbUrl, type UsbAddress, type UsbCamera } from '../../shared/usb-address.ts';
import { MediaFault } from './media-fault.ts';

/** A video device of this machine, as the system names it and as it names itself. */
export interface VideoDevice {
  readonly name: string;
  readonly description: string;
}

/** The video devices that this machine has now. @throws MediaFault where the system does not tell. */
export function listVideoDevices(): readonly VideoDevice[] {
  try {
    return Device.listSync().flatMap(({ type, name, description }) =>
      type === 'video' ? [{ name, description }] : [],
    );
  } catch (caught) {
    throw new MediaFault(
      'unreadable',
      `The cameras of this machine cannot be listed: ${caught instanceof Error ? caught.message : String(caught)}.`,
      { cause: caught },
    );
  }
}

/** By path where that is what they are called, which tells two of one make apart; else by name. */
export const usbCameras = (devices: readonly VideoDevice[]): readonly UsbCamera[] =>
  devices.map(({ name, description }) => ({
    url: usbUrl({ device: name, size: null, fps: null, codec: null }),
    name: description === '' ? name : description,
  }));

/**
 * The device that an address means. Only what the system lists is ever opened, whatever was typed.
 * @throws MediaFault `missing`, with those that are there.
 */
export function chosenDevice({ device }: Pick<UsbAddress, 'device'>, devices: readonly VideoDevice[]): VideoDevice {
  const path = device.startsWith('/') ? resolved(device) : device;
  const chosen = devices.find(({ name }) => name === path) ?? devices.find(({ description }) => description === device);
  if (chosen !== undefined) return chosen;
  if (devices.length === 0) {
    throw new MediaFault('missing', 'No USB camera is connected to this machine, or it may not be seen from here.');
  }
  const there = devices.map(({ name, description }) => (description === '' ? name : `${description} (${name})`));
  throw new MediaFault('missing', `There is no USB camera "${device}". Connected: ${there.join(', ')}.`);
}

/** Paths by id and by place are links to what the system lists. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
