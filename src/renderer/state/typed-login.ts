import type { CameraLogin } from '../../shared/domain/camera.ts';

/**
 * Takes user name and password out of an address as it is typed or pasted, so that they stand in their own fields and
 * not in sight. Null: there is none in it, or it is not clear where it ends.
 */
export function loginInAddress(address: string): { readonly url: string; readonly login: CameraLogin } | null {
  const match = /^([a-z]+:\/\/)([^/?#]*)@([^@/?#]+(?:[/?#][^@]*)?)$/i.exec(address.trim());
  if (match === null) return null;
  const [, scheme = '', typed = '', rest = ''] = match;
  const colon = typed.indexOf(':');
  return {
    url: scheme + rest,
    login: {
      user: decoded(colon < 0 ? typed : typed.slice(0, colon)),
      password: colon < 0 ? '' : decoded(typed.slice(colon + 1)),
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
