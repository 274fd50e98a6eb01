/** Where makers put a camera's large and its small stream: in turn what stands for the large one and for the small one. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/(\/Streaming\/Channels\/\d*?\d)01\b/i, '$102'], // Hikvision
  [/(\/Streaming\/Channels\/\d*?\d)02\b/i, '$101'],
  [/([?&]subtype=)0\b/i, '$11'], // Dahua, Amcrest
  [/([?&]subtype=)1\b/i, '$10'],
  [/(h26[45]Preview_\d+_)main\b/i, '$1sub'], // Reolink
  [/(h26[45]Preview_\d+_)sub\b/i, '$1main'],
  [/(\/videoMain)\b/i, '/videoSub'], // Foscam
  [/(\/videoSub)\b/i, '/videoMain'],
  [/(\/stream)1\b/i, '$12'], // Tapo and others
  [/(\/stream)2\b/i, '$11'],
  [/([/_]ch0?\d+[/_])0\b/i, '$11'], // EZVIZ and others: ch01/0
  [/([/_]ch0?\d+[/_])1\b/i, '$10'],
  [/(_stream=)0\b/i, '$11'], // XM
  [/(_stream=)1\b/i, '$10'],
];

/** The address of the camera's other stream, by the form of this one; null: it has no form that is known. */
export function siblingStream(url: string): string | null {
  const form = forms.find(([pattern]) => pattern.test(url));
  return form === undefined ? null : url.replace(...form);
}

/** Both streams of a camera, by the form of one of their addresses; null: as above. */
export function streamsByForm(url: string): { readonly url: string; readonly largeUrl: string } | null {
  const index = forms.findIndex(([pattern]) => pattern.test(url));
  const sibling = siblingStream(url);
  if (sibling === null) return null;
  return index % 2 === 0 ? { url: sibling, largeUrl: url } : { url, largeUrl: sibling };
}
