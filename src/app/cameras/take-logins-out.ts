import { describeError, toErrorValue } from '../../shared/errors.ts';
import { withoutSecretValues } from '../../shared/redact-addresses.ts';
import type { StoreClient, StoredCamera } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import type { CameraLogins } from './camera-logins.ts';
import { isNetworkUrl, isShownWhole, readCameraUrl, type CameraAddress } from './camera-url.ts';

/**
 * The cameras of the data folder. Rows from before logins were kept apart have them in their URLs: those are encrypted and
 * written anew, so that nothing readable of them is left in the database.
 */
export async function takeLoginsOut(
  store: StoreClient,
  logins: CameraLogins,
  log: Log,
): Promise<readonly StoredCamera[]> {
  const cameras: StoredCamera[] = [];
  let changed = false;
  for (const camera of await store.call('cameras.list', undefined)) {
    const address = addressWithSecrets(camera);
    if (address === null) {
      cameras.push(camera);
      continue;
    }
    try {
      const apart: StoredCamera = { ...camera, ...(await logins.sealAsItIs({ address, login: address.login }, null)) };
      await store.call('cameras.save', apart);
      cameras.push(apart);
      changed = true;
    } catch (caught) {
      // A folder that cannot be written must not keep the application from starting; the next start tries again.
      log.error('a camera password could not be taken out of its address', {
        camera: camera.name,
        error: describeError(toErrorValue(caught)),
      });
      cameras.push(camera);
    }
  }
  await store.call('cameras.forgetOld', { rewritten: changed });
  return cameras;
}

/** Null: there is nothing secret in its URL, or it is kept apart already. */
function addressWithSecrets({ url, sealedLogin }: StoredCamera): CameraAddress | null {
  if (!isNetworkUrl(url) || typeof sealedLogin === 'string') return null;
  try {
    const address = readCameraUrl(url, process.cwd());
    return address.login === null && isShownWhole(address) ? null : address;
  } catch {
    // Allowed once, refused today: taken apart by hand, it is refused again where it is opened, and says why.
    return apartByHand(url);
  }
}

/** Everything before the last `@` is its login, as earlier versions took it. */
function apartByHand(url: string): CameraAddress | null {
  const match = /^([a-z]+:\/\/)(.*)@([^@]*)$/i.exec(url);
  if (match === null) return null;
  const [, scheme = '', login = '', rest = ''] = match;
  const colon = login.indexOf(':');
  const plain = scheme + rest;
  return {
    url: plain,
    shown: withoutSecretValues(plain),
    login: { user: colon < 0 ? login : login.slice(0, colon), password: colon < 0 ? '' : login.slice(colon + 1) },
  };
}
