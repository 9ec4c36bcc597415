namespace Orchestrator.Core.Expressions;

/// <summary>Names that people bring from the expressions of other systems, and what they write here instead.</summary>
internal static class ForeignNames
{
    public static string? OfFunction(string name) => name switch
    {
        "always" => "Write `run_when: all_done` on the task instead.",
        "failure" => "Write `run_when: one_failed` on the task instead, or a handler `on_failure`.",
        "success" => "Write `run_when: all_success` on the task instead; it is the default.",
        "cancelled" => "Write a handler `on_cancel` instead.",
        "fromJSON" or "fromJson" or "from_json" or "parse_json" => "Write json(text).",
        "toJSON" or "toJson" or "tojson" => "Write to_json(x).",
        "startsWith" => "Write starts_with(text, start).",
        "endsWith" => "Write ends_with(text, end).",
        "len" or "size" or "count" => "Write length(x).",
        "concat" => "Write a + b, or format('{0}{1}', a, b).",
        "str" or "to_string" => "Write string(x).",
        "int" or "float" => "Write number(x).",
        "coalesce" => "Write default(x, fallback).",
        "urlencode" or "urlEncode" => "Write url_encode(text).",
        "env" or "getenv" => "Write env.NAME; the workflow or task declares it.",
        _ => null,
    };

    public static string? OfRoot(string name) => name switch
    {
        "steps" or "needs" or "jobs" or "task" => "Write tasks.ID.outputs.KEY for the results of an earlier task.",
        "inputs" or "input" or "vars" or "var" or "parameters" or "workflow" => "Write params.NAME; the workflow declares it.",
        "github" or "context" or "dag" or "dag_run" or "execution" => "Write run.id, run.workflow or run.started_at.",
        "ds" or "execution_date" or "logical_date" => "Write date(default(schedule.due_at, now)).",
        "secret" => "Write secrets.NAME; the workflow declares it.",
        "strategy" => "Write matrix.AXIS.",
        "and" => "Write &&.",
        "or" => "Write ||.",
        "not" => "Write !.",
        "None" or "nil" or "undefined" => "Write null.",
        _ => null,
    };
}
