/** Where makers put a camera's large and its small stream: what stands for the one, and for the other. */
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
  for (const [form, other] of forms) if (form.test(url)) return url.replace(form, other);
  return null;
}
