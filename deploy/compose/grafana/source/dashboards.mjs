// The dashboards: what is asked and how it is meant. `node generate.mjs` writes them as Grafana reads them.
import { dashboard, heatmap, instances, lines, q, row, stat, table, timeline, toWorkflow, traces, workflows } from './panels.mjs';

// What counts for the two promises: a cancelled or skipped run was wished.
const COUNTED = 'success|failure|error|timeout';
const BAD = 'failure|error|timeout';
/** Nothing has happened yet: 0 while an orchestrator is heard of, and nothing at all while none is. */
const or0 = expr => `(${expr} or 0 * sum(cicd_worker_count))`;
const ended = (selector, by, window = '$__rate_interval') => `sum${by ? ` by (${by})` : ''} (increase(cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name=~"$pipeline",${selector}}[${window}]))`;
const perMinute = (metric, selector, by) => `60 * sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`;
const quantile = (p, metric, selector, by = '') => `histogram_quantile(${p}, sum by (${['le', by].filter(Boolean).join(', ')}) (rate(${metric}_bucket{${selector}}[$__rate_interval])))`;
const percentiles = (metric, selector) => [[0.5, 'median'], [0.95, '95 %'], [0.99, '99 %']].map(([p, name]) => q(quantile(p, metric, selector), name, { exemplar: true }));
const P = 'cicd_pipeline_name=~"$pipeline"';
const T = 'cicd_pipeline_task_name';
const EXECUTING = `${P},cicd_pipeline_run_state="executing"`;

const overview = dashboard('overview', 'Overview', 'How the work goes: runs, promises, tasks, schedules. Counts are Prometheus\' estimates from samples; the journal has the exact ones.', [workflows(true)], [
  row('Now'),
  stat('Runs finished', 'Runs that ended in the chosen time range, whatever their result.', 'short', or0(ended('cicd_pipeline_result!=""', '', '$__range')), { decimals: 0 }),
  stat('Success', 'Share of the finished runs that succeeded. Cancelled and skipped runs count neither way: somebody wished it.', 'percentunit',
    `${ended('cicd_pipeline_result="success"', '', '$__range')} / (${ended(`cicd_pipeline_result=~"${COUNTED}"`, '', '$__range')} > 0)`, { thresholds: ['red', [0.95, 'orange'], [0.99, 'green']], noValue: 'no runs' }),
  stat('Runs executing', 'Unfinished runs that a worker carries out.', 'short', `sum(cicd_pipeline_run_active{${P},cicd_pipeline_run_state="executing"})`),
  stat('Runs waiting', 'Accepted runs that wait for a place.', 'short', `sum(cicd_pipeline_run_active{${P},cicd_pipeline_run_state="pending"})`, { thresholds: ['green', [10, 'orange'], [100, 'red']] }),
  stat('Longest wait', 'Age of the run that has waited longest for its start: the best single sign of a stalled queue.', 's', 'max(orchestrator_run_oldest_pending_age_seconds)', { thresholds: ['green', [60, 'orange'], [600, 'red']] }),
  stat('Workers', 'Workers that take work or are full.', 'short', 'sum(cicd_worker_count{cicd_worker_state=~"available|busy"})', { thresholds: ['red', [1, 'green']] }),
  stat('Alerts firing', 'Alerts of the orchestrator that fire now.', 'short', or0('count(ALERTS{alertstate="firing",alertname=~"Orchestrator.*"})'), { thresholds: ['green', [1, 'red']] }),
  stat('Telemetry lost', 'Spans, log records and events that were dropped in the chosen time range. The journal has them all.', 'short', or0('sum(increase(orchestrator_telemetry_dropped_total[$__range]))'), { thresholds: ['green', [1, 'orange']], decimals: 0 }),

  row('Promises'),
  lines('Runs whose work failed', 'Share of the runs of the last hour that failed or ran out of time; at most 1 % is promised (alerts OrchestratorRunsFail*).', 'percentunit',
    [q('pipeline:run_failure_ratio:rate1h{cicd_pipeline_name=~"$pipeline"}', '{{cicd_pipeline_name}}')], { limit: 0.01, max: 1, links: toWorkflow('__field.labels.cicd_pipeline_name') }),
  lines('Runs lost to errors of ours', 'Share of the runs of the last hour that the orchestrator or its machine failed; at most 0.1 % is promised (alerts OrchestratorErrors*).', 'percentunit',
    [q('pipeline:run_error_ratio:rate1h{cicd_pipeline_name=~"$pipeline"}', '{{cicd_pipeline_name}}')], { limit: 0.001, max: 1, links: toWorkflow('__field.labels.cicd_pipeline_name') }),

  row('Runs'),
  lines('Runs by result', 'Finished runs per minute. failure: the work failed; error: the orchestrator failed.', 'cpm', [q(perMinute('cicd_pipeline_run_duration_seconds_count', `${P},cicd_pipeline_result!=""`, 'cicd_pipeline_result'), '{{cicd_pipeline_result}}')], { stack: true }),
  lines('Run duration', 'From start to end, of runs that finished. A point is one run: it leads to its trace.', 's', percentiles('cicd_pipeline_run_duration_seconds', EXECUTING)),
  lines('Runs unfinished', 'Runs that wait and runs that are carried out.', 'short', [q(`sum by (cicd_pipeline_run_state) (cicd_pipeline_run_active{${P}})`, '{{cicd_pipeline_run_state}}')], { stack: true }),
  lines('Errors', 'Errors in runs by kind of failure (allowed ones too), and errors of the orchestrator by component, per minute.', 'cpm', [
    q(or0(perMinute('cicd_pipeline_run_errors_total', P, 'error_type')), 'runs: {{error_type}}'),
    q(or0(perMinute('cicd_system_errors_total', '', 'cicd_system_component, error_type')), 'orchestrator: {{cicd_system_component}} {{error_type}}')]),
  table('Workflows', 'Each workflow in the chosen time range. The name leads to its dashboard.', [
    q(ended('cicd_pipeline_result!=""', 'cicd_pipeline_name', '$__range')),
    q(ended(`cicd_pipeline_result=~"${BAD}"`, 'cicd_pipeline_name', '$__range')),
    q(`histogram_quantile(0.95, sum by (le, cicd_pipeline_name) (increase(cicd_pipeline_run_duration_seconds_bucket{${EXECUTING}}[$__range])))`),
    q(`time() - max by (cicd_pipeline_name) (orchestrator_run_last_success_time_seconds{${P}})`),
  ], [['cicd_pipeline_name', 'Workflow'], ['Value #A', 'Runs', 'short'], ['Value #B', 'Failed', 'short', ['green', [1, 'red']]], ['Value #C', 'Duration (95 %)', 's'], ['Value #D', 'Since last success', 's', ['green', [93600, 'orange']]]],
  { links: { Workflow: toWorkflow('__value.raw') } }),

  row('Tasks and schedules'),
  lines('Tasks in flight and waiting', 'Attempts that run, and tasks that wait only for a place.', 'short', [q(`sum(orchestrator_task_active{${P}})`, 'in flight'), q(`sum(orchestrator_task_queued{${P}})`, 'waiting')]),
  lines('Retries', 'Attempts that failed and are followed by another, per minute; the ten busiest.', 'cpm', [q(`topk(10, ${perMinute('orchestrator_task_retries_total', P, `cicd_pipeline_name, ${T}, error_type`)})`, `{{cicd_pipeline_name}}/{{${T}}} {{error_type}}`)]),
  lines('Schedule lag', 'Time between a due time and its firing.', 's', [q(quantile(0.5, 'orchestrator_schedule_lag_seconds', P), 'median'), q(quantile(0.99, 'orchestrator_schedule_lag_seconds', P), '99 %')]),
  lines('Misfires', 'Due times that were missed, and those that are overdue (no entry, or no run completed by expected_by), per hour; and schedules that are wrong.', 'short', [q(or0(`3600 * sum by (cicd_pipeline_name) (rate(orchestrator_schedule_misfires_total{${P}}[$__rate_interval]))`), '{{cicd_pipeline_name}}'), q(or0(`3600 * sum by (cicd_pipeline_name) (rate(orchestrator_schedule_overdue_total{${P}}[$__rate_interval]))`), '{{cicd_pipeline_name}} overdue'), q(or0(`sum by (cicd_pipeline_name) (orchestrator_schedule_refused{${P}})`), '{{cicd_pipeline_name}} wrong')]),
]);

const workflow = dashboard('workflow', 'Workflow', 'One workflow: how long its runs take, how they end, what is retried, and single runs to open.', [workflows(false)], [
  row('In the chosen time range'),
  stat('Runs', 'Runs that ended, whatever their result.', 'short', or0(ended('cicd_pipeline_result!=""', '', '$__range')), { w: 4, decimals: 0 }),
  stat('Succeeded', 'Share of the finished runs that succeeded; cancelled and skipped ones count neither way.', 'percentunit',
    `${ended('cicd_pipeline_result="success"', '', '$__range')} / (${ended(`cicd_pipeline_result=~"${COUNTED}"`, '', '$__range')} > 0)`, { w: 4, thresholds: ['red', [0.95, 'orange'], [0.99, 'green']], noValue: 'no runs' }),
  stat('Last success', 'How long ago a run succeeded.', 's', `time() - max(orchestrator_run_last_success_time_seconds{${P}})`, { w: 4, noValue: 'unknown', thresholds: ['green', [93600, 'orange']] }),
  stat('Usual duration', 'Median time from start to end.', 's', `histogram_quantile(0.5, sum by (le) (increase(cicd_pipeline_run_duration_seconds_bucket{${EXECUTING}}[$__range])))`, { w: 4, noValue: 'no runs' }),
  stat('Unfinished', 'Runs that wait or are carried out now.', 'short', `sum(cicd_pipeline_run_active{${P}})`, { w: 4 }),
  stat('Tasks retried', 'Attempts that failed and were followed by another.', 'short', or0(`sum(increase(orchestrator_task_retries_total{${P}}[$__range]))`), { w: 4, decimals: 0, thresholds: ['green', [1, 'orange']] }),

  row('Runs'),
  heatmap('How long runs take', 'Each column is a time, each row a duration, the colour how many runs. A point is one run: it leads to its trace.', `sum by (le) (increase(cicd_pipeline_run_duration_seconds_bucket{${EXECUTING}}[$__rate_interval]))`),
  lines('Duration', 'From start to end, of runs that finished. A point is one run: it leads to its trace.', 's', percentiles('cicd_pipeline_run_duration_seconds', EXECUTING), { h: 9 }),
  lines('Results', 'Finished runs per minute by result.', 'cpm', [q(perMinute('cicd_pipeline_run_duration_seconds_count', `${P},cicd_pipeline_result!=""`, 'cicd_pipeline_result'), '{{cicd_pipeline_result}}')], { stack: true }),
  lines('Kinds of failure', 'Errors in runs per minute by error.type, allowed ones too.', 'cpm', [q(or0(perMinute('cicd_pipeline_run_errors_total', P, 'error_type')), '{{error_type}}')]),
  lines('Wait before the start', 'Time from acceptance (or the earliest start) to the start.', 's', percentiles('cicd_pipeline_run_duration_seconds', `${P},cicd_pipeline_run_state="pending"`)),
  lines('Schedule lag and misfires', 'Time between a due time and its firing, and due times missed per hour.', 's', [
    q(quantile(0.99, 'orchestrator_schedule_lag_seconds', P), 'lag, 99 %'), q(or0(`3600 * sum(rate(orchestrator_schedule_misfires_total{${P}}[$__rate_interval]))`), 'misfires per hour')]),
  lines('Deliveries to triggers', 'What became of them, per minute: one that fired is part of a run.', 'cpm', [q(or0(perMinute('orchestrator_trigger_deliveries_total', P, 'orchestrator_trigger_outcome')), '{{orchestrator_trigger_outcome}}')], { stack: true }),
  lines('Runs that triggers started', 'Per minute, by trigger.', 'cpm', [q(or0(perMinute('orchestrator_trigger_runs_total', P, 'orchestrator_trigger_id')), '{{orchestrator_trigger_id}}')]),

  row('Tasks'),
  lines('Duration of tasks', 'From the first attempt\'s start to the end, waits for retries included; 95 of 100 are faster. A point leads to the trace.', 's', [q(quantile(0.95, 'orchestrator_task_duration_seconds', P, T), `{{${T}}}`, { exemplar: true })]),
  lines('Retries', 'Attempts that failed and were followed by another, per minute.', 'cpm', [q(or0(perMinute('orchestrator_task_retries_total', P, `${T}, error_type`)), `{{${T}}} {{error_type}}`)]),

  row('Single runs'),
  traces('Latest runs', 'Traces of this workflow in Jaeger; a click opens one.', 'cicd.pipeline.name="$pipeline"'),
  traces('Latest runs that failed', 'Traces of this workflow with an error, in Jaeger.', 'cicd.pipeline.name="$pipeline" error=true'),
]);

const done = (selector, by) => `sum by (${by}) (increase(orchestrator_task_duration_seconds_count{${P}${selector}}[$__rate_interval]))`;
const tasks = dashboard('tasks', 'Tasks', 'What the tasks of workflows did when, which are slow, which are unreliable, and where the time goes.', [workflows(true)], [
  row('Timeline'),
  timeline('What tasks did', 'Each line is a task: when it succeeded, when attempts had to be repeated, and when it failed.', [
    q(`(${done('', `cicd_pipeline_name, ${T}`)} > bool 0)`
      + ` + (sum by (cicd_pipeline_name, ${T}) (increase(orchestrator_task_retries_total{${P}}[$__rate_interval])) > bool 0 or 0 * ${done('', `cicd_pipeline_name, ${T}`)})`
      + ` + 2 * (${done(`,cicd_pipeline_task_run_result=~"${BAD}"`, `cicd_pipeline_name, ${T}`)} > bool 0 or 0 * ${done('', `cicd_pipeline_name, ${T}`)})`, `{{cicd_pipeline_name}} / {{${T}}}`),
  ], [[0, 'nothing', 'transparent'], [1, 'succeeded', 'green'], [2, 'succeeded after retries', 'yellow'], [3, 'failed', 'red'], [4, 'failed after retries', 'dark-red']]),

  row('Time'),
  lines('Slowest tasks', '95 of 100 are faster, from the first attempt\'s start to the end; the ten slowest. A point leads to the trace.', 's', [q(`topk(10, ${quantile(0.95, 'orchestrator_task_duration_seconds', P, `cicd_pipeline_name, ${T}`)})`, `{{cicd_pipeline_name}}/{{${T}}}`, { exemplar: true })]),
  lines('Where the time goes', 'Seconds spent in tasks per second: how many are busy on average.', 'short', [q(`topk(10, sum by (cicd_pipeline_name, ${T}) (rate(orchestrator_task_duration_seconds_sum{${P}}[$__rate_interval])))`, `{{cicd_pipeline_name}}/{{${T}}}`)], { stack: true }),
  heatmap('Attempts', 'How long single attempts take.', `sum by (le) (increase(orchestrator_task_attempt_duration_seconds_bucket{${P}}[$__rate_interval]))`),
  lines('Attempts by kind of task', '95 of 100 attempts are faster.', 's', [q(quantile(0.95, 'orchestrator_task_attempt_duration_seconds', P, 'orchestrator_task_type'), '{{orchestrator_task_type}}')], { h: 9 }),

  row('Resources'),
  lines('Processor time', 'Seconds of processor time that processes of tasks used, per second; the ten largest.', 'short', [q(`topk(10, sum by (cicd_pipeline_name, ${T}) (rate(orchestrator_task_cpu_time_seconds_sum{${P}}[$__rate_interval])))`, `{{cicd_pipeline_name}}/{{${T}}}`)], { stack: true }),
  lines('Peak memory', '95 of 100 attempts had no larger process; the ten largest. Only what is above the worker\'s own peak can be told.', 'bytes', [q(`topk(10, ${quantile(0.95, 'orchestrator_task_memory_peak_bytes', P, `cicd_pipeline_name, ${T}`)})`, `{{cicd_pipeline_name}}/{{${T}}}`)]),

  row('Reliability'),
  table('Unreliable tasks', 'In the chosen time range: attempts, those that were followed by another, and tasks that failed in the end.', [
    q(`sum by (cicd_pipeline_name, ${T}) (increase(orchestrator_task_attempt_duration_seconds_count{${P}}[$__range]))`),
    q(`sum by (cicd_pipeline_name, ${T}) (increase(orchestrator_task_duration_seconds_count{${P},cicd_pipeline_task_run_result=~"${BAD}"}[$__range]))`),
    q(`sum by (cicd_pipeline_name, ${T}) (increase(orchestrator_task_retries_total{${P}}[$__range]))`),
  ], [['cicd_pipeline_name', 'Workflow'], [T, 'Task'], ['Value #A', 'Attempts', 'short'], ['Value #B', 'Failed', 'short', ['green', [1, 'red']]], ['Value #C', 'Retried', 'short', ['green', [1, 'orange']]]],
  { w: 12, links: { Workflow: toWorkflow('__value.raw') } }),
  lines('Failures by kind', 'Tasks that failed in the end, per minute by error.type.', 'cpm', [q(or0(perMinute('orchestrator_task_duration_seconds_count', `${P},cicd_pipeline_task_run_result=~"${BAD}"`, 'error_type')), '{{error_type}}')]),
  lines('Attempts by result', 'Attempts per minute by kind of task and result.', 'cpm', [q(perMinute('orchestrator_task_attempt_duration_seconds_count', P, 'orchestrator_task_type, cicd_pipeline_task_run_result'), '{{orchestrator_task_type}} {{cicd_pipeline_task_run_result}}')], { stack: true }),
  lines('Tasks in flight and waiting', 'Attempts that run, and tasks that wait only for a place, by workflow.', 'short', [q(`sum by (cicd_pipeline_name) (orchestrator_task_active{${P}})`, '{{cicd_pipeline_name}} in flight'), q(`sum by (cicd_pipeline_name) (orchestrator_task_queued{${P}})`, '{{cicd_pipeline_name}} waiting')]),
]);

const I = 'instance=~"$instance"';
const workers = dashboard('workers', 'Workers', 'Use, saturation and errors of workers, and the programs behind them.', [instances], [
  row('Places'),
  stat('Workers', 'Workers that take work or are full.', 'short', `sum(cicd_worker_count{${I},cicd_worker_state=~"available|busy"})`, { w: 4, thresholds: ['red', [1, 'green']] }),
  stat('Places', 'Attempts that could run at once.', 'short', `sum(orchestrator_worker_slots{${I}})`, { w: 4 }),
  stat('In use', 'Share of the places that are taken.', 'percentunit', `sum(orchestrator_worker_slots{${I},orchestrator_worker_slot_state="busy"}) / sum(orchestrator_worker_slots{${I}})`, { w: 4, thresholds: ['green', [0.8, 'orange'], [1, 'red']] }),
  stat('Longest wait', 'Age of the run that has waited longest for its start.', 's', `max(orchestrator_run_oldest_pending_age_seconds{${I}})`, { w: 4, thresholds: ['green', [60, 'orange'], [600, 'red']] }),
  stat('Tasks waiting', 'Tasks that wait only for a place.', 'short', `sum(orchestrator_task_queued{${I}})`, { w: 4, thresholds: ['green', [1, 'orange']] }),
  stat('Taken over', 'Runs whose worker died or was stopped and that another carried on, in the chosen time range.', 'short', or0(`sum(increase(orchestrator_run_resumed_total{${I}}[$__range]))`), { w: 4, decimals: 0, thresholds: ['green', [1, 'orange']] }),
  lines('Places by state', 'Places that are free and places that are taken.', 'short', [q(`sum by (orchestrator_worker_slot_state) (orchestrator_worker_slots{${I}})`, '{{orchestrator_worker_slot_state}}')], { stack: true }),
  lines('Wait for a place', '95 of 100 runs (queue default) and tasks (queue tasks) wait less.', 's', [q(quantile(0.95, 'orchestrator_queue_wait_duration_seconds', I, 'orchestrator_queue_name'), '{{orchestrator_queue_name}}')]),
  lines('Workers by state', 'available: takes work; busy: all places are taken; offline: stops.', 'short', [q(`sum by (cicd_worker_state) (cicd_worker_count{${I}})`, '{{cicd_worker_state}}')], { stack: true }),
  lines('Trouble', 'Errors of the orchestrator by component, runs taken over, delegates that ignored their cancellation, and posted events that were refused, per hour.', 'short', [
    q(or0(`3600 * sum by (cicd_system_component, error_type) (rate(cicd_system_errors_total{${I}}[$__rate_interval]))`), '{{cicd_system_component}} {{error_type}}'),
    q(or0(`3600 * sum by (orchestrator_reason) (rate(orchestrator_run_resumed_total{${I}}[$__rate_interval]))`), 'taken over: {{orchestrator_reason}}'),
    q(or0(`3600 * sum(rate(orchestrator_delegate_abandoned_total{${I}}[$__rate_interval]))`), 'delegates left behind'),
    q(or0(`3600 * sum by (orchestrator_reason) (rate(orchestrator_event_rejected_total{${I}}[$__rate_interval]))`), 'events refused: {{orchestrator_reason}}')]),

  row('The program'),
  lines('Processor time', 'Seconds of processor time per second of the orchestrator itself, without its tasks\' processes.', 'short', [q(`sum by (instance, cpu_mode) (rate(dotnet_process_cpu_time_seconds_total{${I}}[$__rate_interval]))`, '{{instance}} {{cpu_mode}}')], { stack: true }),
  lines('Memory', 'Working set of the program, and what its collected heap had left.', 'bytes', [q(`sum by (instance) (dotnet_process_memory_working_set_bytes{${I}})`, '{{instance}} working set'), q(`sum by (instance) (dotnet_gc_last_collection_heap_size_bytes{${I}})`, '{{instance}} heap')]),
  lines('Pauses for garbage collection', 'Share of the time in which the program stands still.', 'percentunit', [q(`sum by (instance) (rate(dotnet_gc_pause_time_seconds_total{${I}}[$__rate_interval]))`, '{{instance}}')], { limit: 0.05 }),
  lines('Thread pool', 'Threads, and work items that wait for one.', 'short', [q(`sum by (instance) ({__name__=~"dotnet_thread_pool_thread_count(_total)?",${I}})`, '{{instance}} threads'), q(`sum by (instance) ({__name__=~"dotnet_thread_pool_queue_length(_total)?",${I}})`, '{{instance}} waiting')]),
  lines('Exceptions and contended locks', 'Per minute; exceptions that were caught count too.', 'cpm', [q(`60 * sum by (instance) (rate(dotnet_exceptions_total{${I}}[$__rate_interval])) or 0 * sum by (instance) (cicd_worker_count{${I}})`, '{{instance}} exceptions'), q(`60 * sum by (instance) (rate(dotnet_monitor_lock_contentions_total{${I}}[$__rate_interval]))`, '{{instance}} contended locks')]),
  lines('API', 'Requests per minute by status, and how long 95 of 100 take at most.', 'cpm', [q(`60 * sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count{${I}}[$__rate_interval]))`, '{{http_response_status_code}}')]),
  lines('API duration', '95 of 100 requests are answered faster.', 's', [q(quantile(0.95, 'http_server_request_duration_seconds', I, 'http_route'), '{{http_route}}')]),
  lines('Clock of the schedules', 'How long Quartz takes to find the next due triggers; 95 of 100 are faster.', 's', [q(quantile(0.95, 'quartz_trigger_acquisition_duration_seconds', I), 'acquisition')]),
]);

const signal = (name, metric) => q(`sum(rate(otelcol_${metric}[$__rate_interval]))`, name);
const signals = (what, metric = what) => [signal('spans', `${metric}_spans`), signal('metric points', `${metric}_metric_points`), signal('log records', `${metric}_log_records`)];
const telemetry = dashboard('telemetry', 'Telemetry health', 'Whether what the other dashboards show is complete. The journal always is: orchestrator events, orchestrator show.', [], [
  row('At the orchestrator'),
  stat('Heard of', 'Orchestrators whose metrics arrive.', 'short', 'count(count by (instance) (cicd_worker_count))', { w: 4, noValue: 'nobody', thresholds: ['red', [1, 'green']] }),
  stat('Dropped', 'Spans, log records and events that were dropped in the chosen time range.', 'short', or0('sum(increase(orchestrator_telemetry_dropped_total[$__range]))'), { w: 4, decimals: 0, thresholds: ['green', [1, 'red']] }),
  stat('Series', 'Series of the orchestrator\'s own metrics: what they cost Prometheus.', 'short', 'count({__name__=~"(cicd|orchestrator)_.+"})', { w: 4, thresholds: ['green', [20000, 'orange'], [100000, 'red']] }),
  stat('Metrics over their limit', 'Metrics with more series than they may have; further ones are counted together and lose their labels.', 'short', or0('count(count by (__name__) ({otel_metric_overflow="true"}))'), { w: 4, thresholds: ['green', [1, 'red']] }),
  stat('Targets down', 'Targets that Prometheus could not scrape.', 'short', 'count(up) - sum(up)', { w: 4, thresholds: ['green', [1, 'red']] }),
  stat('Age of the newest sample', 'How long ago the newest sample arrived.', 's', 'time() - max(timestamp(cicd_worker_count))', { w: 4, noValue: 'silent', thresholds: ['green', [60, 'orange'], [300, 'red']] }),
  lines('Dropped by reason', 'Per minute.', 'cpm', [q(or0('60 * sum by (orchestrator_reason) (rate(orchestrator_telemetry_dropped_total[$__rate_interval]))'), '{{orchestrator_reason}}')]),
  lines('Series by metric', 'The ten metrics with the most series.', 'short', [q('topk(10, count by (__name__) ({__name__=~"(cicd|orchestrator)_.+"}))', '{{__name__}}')], { stack: true }),
  lines('Taken', 'Spans and log records that the backend has taken, per minute.', 'cpm', [q(or0('60 * sum by (orchestrator_telemetry_signal) (rate(orchestrator_telemetry_published_total[$__rate_interval]))'), '{{orchestrator_telemetry_signal}}')]),
  lines('Deliveries', 'Attempts to deliver an event to a webhook or broker per minute, by what became of them.', 'cpm', [q(or0('60 * sum by (orchestrator_delivery_outcome) (rate(orchestrator_webhook_deliveries_total[$__rate_interval]))'), '{{orchestrator_delivery_outcome}}')]),
  lines('Made for the backend', 'Spans and log records handed to the export queues, per minute: those taken, those dropped and those that still wait are these.', 'cpm', [q(or0('60 * sum by (orchestrator_telemetry_signal) (rate(orchestrator_telemetry_made_total[$__rate_interval]))'), '{{orchestrator_telemetry_signal}}')]),
  lines('Events of webhooks and brokers', 'Events that sinks wanted, by what became of them, and how many a sink has not looked at yet.', 'short', [q(or0('sum by (orchestrator_delivery_outcome) (orchestrator_delivery_events)'), '{{orchestrator_delivery_outcome}}'), q(or0('max by (orchestrator_sink_name) (orchestrator_delivery_behind)'), 'behind: {{orchestrator_sink_name}}')]),

  row('At the collector'),
  lines('Received', 'Per second.', 'short', signals('receiver_accepted')),
  lines('Refused', 'Per second; the sender tries again or drops.', 'short', signals('receiver_refused')),
  lines('Sent on', 'Per second, to Jaeger, Prometheus and what else is configured.', 'short', signals('exporter_sent')),
  lines('Not sent on', 'Per second; after the retries these are lost.', 'short', signals('exporter_send_failed')),
  lines('Queues', 'How full the queues to the exporters are.', 'percentunit', [q('max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)', '{{exporter}}')], { limit: 0.8, max: 1 }),

  row('At Prometheus'),
  lines('Targets', '1: the last scrape succeeded.', 'short', [q('min by (job) (up)', '{{job}}')], { max: 1 }),
]);

export const dashboards = { overview, workflow, tasks, workers, telemetry };
