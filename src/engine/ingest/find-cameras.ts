import type { FoundCameras } from '../../shared/domain/onvif.ts';
import { asMediaFault } from './media-fault.ts';
import { discoverCameras, type DiscoveryTarget } from './onvif/discover.ts';
import { listVideoDevices, usbCameras, type VideoDevice } from './usb-devices.ts';

/**
 * The cameras of the networks and those at this machine. Where only one of the two can be asked, the other is told, with what
 * is missing. @throws MediaFault where neither can.
 */
export async function findCameras(
  waitMs: number,
  target: DiscoveryTarget | null,
  list: () => readonly VideoDevice[] = listVideoDevices,
): Promise<FoundCameras> {
  const [network, usb] = await Promise.allSettled([
    discoverCameras(waitMs, target),
    Promise.resolve().then(() => usbCameras(list())),
  ]);
  if (network.status === 'rejected' && usb.status === 'rejected') throw asMediaFault(network.reason);
  const missed: unknown =
    network.status === 'rejected' ? network.reason : usb.status === 'rejected' ? usb.reason : null;
  return {
    devices: network.status === 'fulfilled' ? network.value : [],
    usb: usb.status === 'fulfilled' ? usb.value : [],
    missed: missed === null ? null : asMediaFault(missed).message,
  };
}
