// node deploy/compose/grafana/source/generate.mjs            writes ../dashboards/*.json
// node deploy/compose/grafana/source/generate.mjs --check    says which differ, and ends with 1 if one does
import { readFileSync, writeFileSync } from 'node:fs';
import { dashboards } from './dashboards.mjs';

const check = process.argv.includes('--check');
let differ = 0;
for (const [name, dashboard] of Object.entries(dashboards)) {
  const file = new URL(`../dashboards/${name}.json`, import.meta.url);
  const text = JSON.stringify(dashboard, null, 2) + '\n';
  if (!check) writeFileSync(file, text);
  else {
    let found = '';
    try { found = readFileSync(file, 'utf8'); } catch { /* missing is different */ }
    if (found !== text) {
      console.log(`dashboards/${name}.json is not what source/generate.mjs writes: run it again.`);
      differ = 1;
    }
  }
}
process.exitCode = differ;
