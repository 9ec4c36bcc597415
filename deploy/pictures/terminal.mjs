// A picture of a terminal from what a program wrote to it: node terminal.mjs RECORDING COLUMNS TITLE [UNTIL] > PICTURE.svg
// RECORDING is what `script` keeps. With UNTIL the screen is drawn as it was before that text was first written.
import { readFileSync } from 'node:fs';

const [recording, columns, title, until] = process.argv.slice(2);
let text = readFileSync(recording, 'utf8').replace(/^Script started.*\n/, '').replace(/\n?Script done.*\n?$/, '');
if (until) {
  if (!text.includes(until)) throw new Error(`${recording} does not hold '${until}'.`);
  text = text.slice(0, text.indexOf(until));
  // The frame before: what erases it begins with a jump up.
  text = text.slice(0, text.lastIndexOf('\x1b[', text.length - 1)).replace(/(\x1b\[\d*F)?(\x1b\[J)?$/, '');
}

const colours = { 1: '#e06c75', 2: '#98c379', 3: '#e5c07b', 4: '#61afef', 5: '#c678dd', 6: '#56b6c2', 7: '#dcdfe4', 8: '#7f848e', 9: '#ff6b74', 10: '#98c379', 11: '#e5c07b', 12: '#61afef' };
const screen = [[]];
let row = 0, column = 0, style = {};

function sgr(codes) {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 38 && codes[i + 1] === 5) { style = { ...style, colour: colours[codes[i + 2]] }; i += 2; }
    else if (code >= 30 && code <= 37) style = { ...style, colour: colours[code - 30] };
    else if (code >= 90 && code <= 97) style = { ...style, colour: colours[code - 82] };
    else if (code === 39) style = { ...style, colour: undefined };
  }
}

for (let i = 0; i < text.length;) {
  const sequence = /^\x1b(?:\[([?\d;]*)([A-Za-z])|[=>])/.exec(text.slice(i, i + 40));
  if (sequence) {
    i += sequence[0].length;
    const count = parseInt(sequence[1] || '1', 10);
    if (sequence[2] === 'm') sgr((sequence[1] || '0').split(';').map(Number));
    else if (sequence[2] === 'F' || sequence[2] === 'A') { row = Math.max(0, row - count); if (sequence[2] === 'F') column = 0; }
    else if (sequence[2] === 'J') { screen.length = row + 1; screen[row].length = Math.min(column, screen[row].length); }
    else if (sequence[2] === 'K') screen[row].length = Math.min(column, screen[row].length);
    continue;
  }
  const character = String.fromCodePoint(text.codePointAt(i));
  i += character.length;
  if (character === '\r') column = 0;
  else if (character === '\n') { row++; while (screen.length <= row) screen.push([]); }
  else if (character >= ' ') {
    if (column === Number(columns)) { row++; column = 0; if (screen.length <= row) screen.push([]); }
    while (screen[row].length < column) screen[row].push({ character: ' ' });
    screen[row][column++] = { character, ...style };
  }
}
while (screen.length && screen[screen.length - 1].length === 0) screen.pop();

const [wide, high, margin, bar] = [8.4, 19, 14, 30];
const width = Math.ceil(Math.max(...screen.map(line => line.length), title.length + 12) * wide + 2 * margin);
const height = screen.length * high + bar + 2 * margin;
const escape = s => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function spans(line) {
  const parts = [];
  for (let at = 0; at < line.length;) {
    const { bold, dim, colour } = line[at];
    let end = at;
    while (end < line.length && line[end].bold === bold && line[end].dim === dim && line[end].colour === colour) end++;
    const run = line.slice(at, end).map(c => c.character).join('');
    const look = (bold ? ' font-weight="bold"' : '') + (dim ? ' opacity="0.65"' : '') + (colour ? ` fill="${colour}"` : '');
    // Each run stands where its columns are, however wide a viewer's font is.
    if (run.trim()) parts.push(`<tspan x="${(margin + at * wide).toFixed(1)}" textLength="${(run.length * wide).toFixed(1)}" lengthAdjust="spacingAndGlyphs"${look}>${escape(run)}</tspan>`);
    at = end;
  }
  return parts.join('');
}

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#1e2127"/>
<text x="${margin}" y="21" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" fill="#8a919e">$ ${escape(title)}</text>
<line x1="0" y1="${bar}" x2="${width}" y2="${bar}" stroke="#3a3f4b"/>
<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="#dcdfe4" xml:space="preserve">
${screen.map((line, n) => `<text y="${bar + margin + n * high + 12}">${spans(line)}</text>`).join('\n')}
</g>
</svg>
`);
