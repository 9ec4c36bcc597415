using System.Globalization;

namespace Orchestrator.Core.Expressions;

/// <summary>The names an expression can begin with, what they offer, and how they are looked up.</summary>
internal static class Roots
{
    public const string Now = "now";

    public static readonly string[] All = ["params", "env", "secrets", "run", "tasks", "schedule", Now];

    /// <summary>Exist only inside a fan-out.</summary>
    public static readonly string[] Reserved = ["item", "matrix"];

    public static readonly string[] TaskMembers = ["status", "outputs", "exit_code", "attempts", "duration_ms"];

    /// <summary>The members of roots whose members are fixed; null for roots whose members the definition declares.</summary>
    public static string[]? MembersOf(string root) => root switch
    {
        "run" => ["id", "workflow", "tenant", "started_at", "trigger"],
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
        _ => ExpressionValue.From(Instant(scope.Run.StartedAt)),
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

    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static ExpressionValue OfRun(RunFacts run, string name) => ExpressionValue.From(name switch
    {
        "id" => run.Id,
        "workflow" => run.Workflow,
        "tenant" => run.Tenant,
        "started_at" => Instant(run.StartedAt),
        _ => run.Trigger,
    });
}
