// What every dashboard is made of: one look, one set of colours, one way to lay panels out.

const prometheus = { type: 'prometheus', uid: 'prometheus' };
const jaeger = { type: 'jaeger', uid: 'jaeger' };

/** One colour per meaning on every dashboard. */
const colours = {
  success: 'green', failure: 'red', error: 'dark-red', timeout: 'orange', cancellation: 'gray', skip: 'light-blue',
  available: 'green', busy: 'blue', offline: 'red', pending: 'yellow', executing: 'blue', finalizing: 'purple',
};

const byName = Object.entries(colours).map(([name, fixedColor]) => ({
  matcher: { id: 'byName', options: name },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
}));

/** Steps of a threshold: the colour from no value on, then [value, colour] pairs. */
const steps = (first, ...rest) => ({ mode: 'absolute', steps: [{ color: first, value: null }, ...rest.map(([value, color]) => ({ color, value }))] });

/** A query. `more`: exemplar, instant, format. */
export const q = (expr, legendFormat = '', more = {}) => ({ expr, legendFormat, ...more });

const targets = queries => queries.map(({ instant, ...query }, i) => ({
  refId: String.fromCharCode(65 + i), datasource: prometheus, ...query, ...(instant ? { instant: true, range: false } : {}),
}));

const panel = (type, title, description, size, queries, fieldConfig, options, more = {}) => ({
  type, title, description, datasource: prometheus, ...size, fieldConfig: { defaults: {}, overrides: [], ...fieldConfig }, targets: targets(queries), options, ...more,
});

export const row = title => ({ type: 'row', title, collapsed: false, panels: [], w: 24, h: 1 });

/** One number, as it is at the end of the time range. */
export const stat = (title, description, unit, expr, { thresholds, w = 3, decimals, noValue = 'none', instant = true, links } = {}) => panel('stat', title, description, { w, h: 4 },
  [q(expr, '', { instant })],
  { defaults: { unit, noValue, ...(decimals === undefined ? {} : { decimals }), ...(thresholds ? { thresholds: steps(...thresholds), color: { mode: 'thresholds' } } : {}), ...(links ? { links } : {}) } },
  { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'none', textMode: 'value' });

/** Lines over time. `stack`: areas on top of each other; `limit`: a line at a threshold. */
export const lines = (title, description, unit, queries, { w = 12, h = 8, stack = false, limit, max, links } = {}) => panel('timeseries', title, description, { w, h }, queries,
  {
    defaults: {
      unit, min: 0, ...(max === undefined ? {} : { max }),
      custom: { lineWidth: 1, fillOpacity: stack ? 40 : 8, showPoints: 'never', ...(stack ? { stacking: { mode: 'normal', group: 'A' } } : {}), ...(limit === undefined ? {} : { thresholdsStyle: { mode: 'dashed' } }) },
      ...(limit === undefined ? {} : { thresholds: steps('transparent', [limit, 'red']) }), ...(links ? { links } : {}),
    },
    overrides: byName,
  },
  { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } });

/** Durations as they spread, with single runs or tasks to click on. */
export const heatmap = (title, description, expr, { w = 12, h = 9 } = {}) => panel('heatmap', title, description, { w, h },
  [q(expr, '{{le}}', { format: 'heatmap', exemplar: true })],
  { defaults: { custom: { scaleDistribution: { type: 'linear' } } } },
  {
    calculate: false, cellGap: 1, color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5 }, exemplars: { color: 'rgba(31,120,193,0.9)' }, filterValues: { le: 1e-9 },
    rowsFrame: { layout: 'auto' }, yAxis: { unit: 's', axisPlacement: 'left' }, legend: { show: true }, tooltip: { mode: 'single', yHistogram: false },
  });

/** Rows of the same things from several queries. `columns`: [field, heading, unit, thresholds]. */
export const table = (title, description, queries, columns, { w = 24, h = 8, links } = {}) => panel('table', title, description, { w, h },
  queries.map(query => ({ ...query, instant: true, format: 'table' })),
  {
    defaults: { custom: { align: 'auto' } },
    overrides: columns.map(([, heading, unit, thresholds]) => ({
      matcher: { id: 'byName', options: heading },
      properties: [
        ...(unit ? [{ id: 'unit', value: unit }] : []),
        ...(thresholds ? [{ id: 'thresholds', value: steps(...thresholds) }, { id: 'custom.cellOptions', value: { type: 'color-text' } }] : []),
        ...(links?.[heading] ? [{ id: 'links', value: links[heading] }] : []),
      ],
    })),
  },
  { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: columns.at(-1)[1], desc: true }] },
  {
    transformations: [
      ...(queries.length > 1 ? [{ id: 'merge', options: {} }] : []),
      { id: 'organize', options: { excludeByName: { Time: true }, indexByName: Object.fromEntries(columns.map(([field], i) => [field, i])), renameByName: Object.fromEntries(columns.map(([field, heading]) => [field, heading])) } },
    ],
  });

/** What each of several things was doing when. `states`: [value, text, colour]. */
export const timeline = (title, description, queries, states, { w = 24, h = 10 } = {}) => panel('state-timeline', title, description, { w, h }, queries,
  {
    defaults: {
      custom: { lineWidth: 0, fillOpacity: 80 }, color: { mode: 'thresholds' }, thresholds: steps('transparent'),
      mappings: [{ type: 'value', options: Object.fromEntries(states.map(([value, text, color], index) => [value, { text, color, index }])) }],
    },
  },
  { mergeValues: true, showValue: 'never', rowHeight: 0.85, alignValue: 'left', legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'single', sort: 'none' } });

/** Traces that Jaeger finds by attributes; a click opens one. */
export const traces = (title, description, tags, { w = 12, h = 9 } = {}) => ({
  type: 'table', title, description, datasource: jaeger, w, h, fieldConfig: { defaults: {}, overrides: [] },
  targets: [{ refId: 'A', datasource: jaeger, queryType: 'search', service: 'orchestrator', tags, limit: 20 }],
  options: { showHeader: true, cellHeight: 'sm' },
});

/** A choice of workflows; of one alone, or of several. */
export const workflows = multi => ({
  name: 'pipeline', label: 'Workflow', type: 'query', datasource: prometheus,
  query: { query: 'label_values(cicd_pipeline_run_active, cicd_pipeline_name)', refId: 'A' }, definition: 'label_values(cicd_pipeline_run_active, cicd_pipeline_name)',
  refresh: 2, sort: 1, multi, includeAll: multi, ...(multi ? { allValue: '.*', current: { text: 'All', value: '$__all' } } : {}),
});

export const instances = {
  name: 'instance', label: 'Worker', type: 'query', datasource: prometheus,
  query: { query: 'label_values(cicd_worker_count, instance)', refId: 'A' }, definition: 'label_values(cicd_worker_count, instance)',
  refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*', current: { text: 'All', value: '$__all' },
};

/** Where a workflow's name leads. */
export const toWorkflow = field => [{ title: 'Workflow', url: `/d/orchestrator-workflow?var-pipeline=\${${field}}&\${__url_time_range}` }];

/** Places panels in their order from left to right, a row as high as its highest. */
function placed(panels) {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ w, h, ...rest }, i) => {
    if (x + w > 24) [x, y, height] = [0, y + height, 0];
    const gridPos = { h, w, x, y };
    [x, height] = [x + w, Math.max(height, h)];
    return { id: i + 1, ...rest, gridPos };
  });
}

export const dashboard = (name, title, description, variables, panels) => ({
  uid: `orchestrator-${name}`, title: `Orchestrator / ${title}`, description, tags: ['orchestrator'], timezone: '', editable: false, schemaVersion: 39, version: 1, refresh: '30s',
  time: { from: 'now-6h', to: 'now' }, graphTooltip: 1, templating: { list: variables },
  annotations: { list: [{ name: 'Alerts', datasource: prometheus, enable: true, iconColor: 'red', expr: 'ALERTS{alertstate="firing",alertname=~"Orchestrator.*"}', titleFormat: '{{alertname}}', textFormat: '{{cicd_pipeline_name}}', step: '60s' }] },
  links: [
    { type: 'dashboards', title: 'Dashboards', tags: ['orchestrator'], asDropdown: true, includeVars: true, keepTime: true, targetBlank: false, icon: 'external link' },
    { type: 'link', title: 'Traces', url: '/explore?left={"datasource":"jaeger","queries":[{"refId":"A","queryType":"search","service":"orchestrator","limit":20}],"range":{"from":"now-1h","to":"now"}}', icon: 'external link', targetBlank: false, tooltip: 'Search runs in Jaeger' },
  ],
  panels: placed(panels),
});
