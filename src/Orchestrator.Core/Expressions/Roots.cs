using System.Globalization;

namespace Orchestrator.Core.Expressions;

/// <summary>The names an expression can begin with, what they offer, and how they are looked up.</summary>
internal static class Roots
{
    public const string Now = "now";

    public static readonly string[] All = ["params", "env", "secrets", "run", "tasks", "schedule", "item", "matrix", "outputs", "trigger", Now];

    /// <summary>Values by themselves: what follows them are steps into the value, no names the definition declares.</summary>
    public static readonly string[] Whole = ["item", "outputs", "trigger"];

    /// <summary>Members of <c>run</c> that have a value once its outcome is fixed.</summary>
    public static readonly string[] OfOutcome = ["outcome", "error", "failed_tasks"];

    public static readonly string[] TaskMembers = ["status", "outputs", "exit_code", "attempts", "duration_ms"];

    /// <summary>The members of roots whose members are fixed; null for roots whose members the definition declares.</summary>
    public static string[]? MembersOf(string root) => root switch
    {
        "run" => ["id", "workflow", "tenant", "started_at", "trigger", "attempt", "trace_id", .. OfOutcome],
        "schedule" => ["id", "due_at"],
        _ => null,
    };

    public static ExpressionValue Find(ExpressionScope scope, Node.Named node) => node.Root switch
    {
        "params" => scope.Params.TryGetValue(node.Name, out var value) ? ExpressionValue.FromJson(value)
            : throw Missing("parameter", node.Name, scope.Params.Keys),
        "env" => scope.Env.TryGetValue(node.Name, out var text) ? ExpressionValue.From(text)
            : throw Missing("declared variable", node.Name, scope.Env.Keys),
        "secrets" => scope.Secrets.TryGetValue(node.Name, out var secret) ? ExpressionValue.From(secret)
            : throw Missing("secret", node.Name, scope.Secrets.Keys),
        "run" => OfRun(scope.Run, node.Name),
        "schedule" => scope.Schedule is { } schedule
            ? ExpressionValue.From(node.Name == "id" ? schedule.Id : Instant(schedule.DueAt))
            : throw ExpressionException.Missing("No schedule started this run; default(schedule.id, '') allows for that."),
        "item" => scope.Item is { } item ? ExpressionValue.FromJson(item) : throw new ExpressionException("'item' has a value only in a task with foreach."),
        "matrix" => scope.Matrix is not { } matrix ? throw new ExpressionException("'matrix' has values only in a task with matrix.")
            : matrix.TryGetValue(node.Name, out var axis) ? ExpressionValue.FromJson(axis) : throw Missing("axis", node.Name, matrix.Keys),
        "outputs" => scope.Outputs is { } outputs ? ExpressionValue.FromMembers(outputs)
            : throw new ExpressionException("'outputs' has a value only in transform and in the condition of a poll. Another task's results are tasks.ID.outputs."),
        "trigger" => scope.Trigger is { } trigger ? ExpressionValue.FromJson(trigger) : throw new ExpressionException("'trigger' has a value only in the texts of a trigger."),
        Now => ExpressionValue.From(Instant(scope.Run.StartedAt)),
        var word => scope.Item is { } item && word == scope.ItemName ? ExpressionValue.FromJson(item) : throw new ExpressionException(Unknown(word)),
    };

    public static ExpressionValue Find(ExpressionScope scope, Node.OfTask node)
    {
        if (!scope.Tasks.TryGetValue(node.Task, out var task)) throw Missing("task", node.Task, scope.Tasks.Keys);
        return node.Member switch
        {
            "status" => ExpressionValue.From(task.Status),
            "exit_code" => task.ExitCode is { } code ? ExpressionValue.From((decimal)code) : ExpressionValue.Null,
            "attempts" => ExpressionValue.From((decimal)task.Attempts),
            "duration_ms" => ExpressionValue.From((decimal)Math.Clamp(double.IsNaN(task.DurationMs) ? 0 : task.DurationMs, 0, 1e18)),
            _ => ExpressionValue.FromMembers(task.Outputs),
        };
    }

    /// <summary>"There is no task 'chekc'. Did you mean 'check'?", or up to five names that exist.</summary>
    public static ExpressionException Missing(string what, string name, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        var message = $"There is no {what} '{name}'.";
        // In params.n-1 the dash belongs to the name.
        if (name.Split('-')[0] is var head && head != name && names.Contains(head))
            return ExpressionException.Missing($"{message} To subtract from '{head}', put spaces around the '-'.");
        if (Suggest.Closest(name, names) is { } near) message += $" Did you mean '{near}'?";
        message += names.Length switch
        {
            0 => " There are none here.",
            <= 5 => $" There are: {string.Join(", ", names)}.",
            _ => $" There are {names.Length}, among them {string.Join(", ", names.Take(5))}.",
        };
        return ExpressionException.Missing(message);
    }

    /// <summary>"Unknown name 'param'. Did you mean 'params'?", or what a value can begin with.</summary>
    public static string Unknown(string word)
    {
        var near = Suggest.Closest(word, [.. All, "true", "false", "null"]);
        var remedy = ForeignNames.OfRoot(word) is { } foreign ? $" {foreign}" : near is not null ? $" Did you mean '{near}'?"
            : ExpressionFunctions.Find(word) is { } f ? $" The function is called as {f.Signature}."
            : $" Values begin with {string.Join(", ", All)}; put text in quotes: '{word}'.";
        return $"Unknown name '{word}'.{remedy}";
    }

    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static ExpressionValue OfRun(RunFacts run, string name) => name switch
    {
        "id" => ExpressionValue.From(run.Id),
        "workflow" => ExpressionValue.From(run.Workflow),
        "tenant" => ExpressionValue.From(run.Tenant),
        "started_at" => ExpressionValue.From(Instant(run.StartedAt)),
        "trigger" => ExpressionValue.From(run.Trigger),
        "attempt" => ExpressionValue.From((decimal)run.Attempt),
        "trace_id" => OrNull(run.TraceId),
        "outcome" => OrNull(run.Outcome),
        "error" => OrNull(run.Error),
        _ => ExpressionValue.From([.. run.FailedTasks.Select(ExpressionValue.From)]),
    };

    private static ExpressionValue OrNull(string? text) => text is null ? ExpressionValue.Null : ExpressionValue.From(text);
}
