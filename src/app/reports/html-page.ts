/** Every character that can end a text, an attribute or a comment. */
export const escape = (text: string): string =>
  text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);

export interface PageHead {
  readonly title: string;
  readonly style: string;
  readonly heading: string;
  /** Under the heading. */
  readonly lines: readonly string[];
}

/**
 * The beginning of a page that loads nothing and runs nothing, and whose pictures are part of it; `style` is taken as it
 * is, words are escaped here.
 */
export const openPage = ({ title, style, heading, lines }: PageHead): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="brand">Nightshift</p>
<h1>${escape(heading)}</h1>
${lines.map((line) => `<p>${escape(line)}</p>`).join('\n')}
</header>
<main>
`;

export const closePage = '</main>\n</body>\n</html>\n';
