using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Statistics.RootCauses;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>A root cause for people: what failed first, what that took with it, what has changed since it last went well.</summary>
internal static class RootCauseText
{
    private const int LogLines = 10;
    private const int Names = 5;
    private const int LongestValue = 60;

    public static void Write(RootCause cause, CommandContext around)
    {
        var exit = cause.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $", exit code {code}") : "";
        var attempts = cause.Attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $", {cause.Attempts} attempts") : "";
        around.Out.WriteLine();
        var failed = cause.Task is { } task ? $"task {task} failed" : "the run itself failed";
        around.Out.WriteLine($"Root cause: {failed}{(cause.At is { } at ? $" at {Printable.Instant(at)}" : "")} "
            + $"({Words.Of(cause.Class)}{(cause.Kind is { } kind ? $", {Words.Of(kind)}" : "")}{exit}{attempts}).");
        foreach (var line in Lines(cause)) around.Out.WriteLine($"  {Printable.Line(line)}");
    }

    private static IEnumerable<string> Lines(RootCause cause)
    {
        if (cause.Error is { } error) yield return error;
        if (cause.ChildRunId is { } child) yield return $"It is the failure of run {child}.";
        if (Consequences(cause) is { Length: > 0 } took) yield return $"After it: {took}.";
        if (!cause.LogEnd.IsEmpty)
        {
            yield return $"Its log ({cause.LogRef}) ends:";
            foreach (var line in cause.LogEnd.TakeLast(LogLines)) yield return $"  {line}";
        }
        if (cause.Since is { } since) yield return $"Since the last success, run {since.Run} at {Printable.Instant(since.EndedAt)}: {Changes(since)}.";
        else if (cause.Similar.Looked > 0) yield return $"No earlier run completed ({Number(cause.Similar.Looked)} compared).";
        if (cause.Similar is { Count: > 0 } similar)
            yield return $"Earlier runs that failed like this: {Number(similar.Count)} of {Number(similar.Looked)}, "
                + $"last run {similar.LastRun} at {Printable.Instant(similar.LastAt)}.";
    }

    private static string Consequences(RootCause cause) => string.Join("; ", new[]
    {
        Group(cause.SkippedCount, "skipped", cause.Skipped), Group(cause.CancelledCount, "cancelled", cause.Cancelled),
        Group(cause.FailedLaterCount, "failed later", cause.FailedLater),
    }.OfType<string>());

    private static string? Group(int count, string what, IReadOnlyList<TaskId> named) =>
        count == 0 ? null : $"{Number(count)} {what} ({string.Join(", ", named.Take(Names))}{(count > Math.Min(Names, named.Count) ? ", …" : "")})";

    private static string Changes(SinceSuccess since)
    {
        var changes = new List<string>();
        if (since.DefinitionVersion is not null) changes.Add("the definition has changed");
        foreach (var value in since.Parameters.Take(Names)) changes.Add($"parameter {value.Name} {Value(value.Before)} -> {Value(value.After)}");
        if (since.Parameters.Length > Names) changes.Add(string.Create(CultureInfo.InvariantCulture, $"{since.Parameters.Length - Names} more parameters"));
        if (since.Host is { } host) changes.Add($"host {host.Before} -> {host.After}");
        if (since.WorkerVersion is { } version) changes.Add($"worker version {version.Before} -> {version.After}");
        if (since.IsSame) changes.Add("definition, parameters and host are the same");
        changes.Add($"duration {Printable.Duration(since.DurationMs.Before)} -> {Printable.Duration(since.DurationMs.After)}");
        return string.Join("; ", changes);
    }

    private static string Value(System.Text.Json.JsonElement? value)
    {
        if (value is not { } json) return "(none)";
        var text = json.GetRawText();
        return text.Length <= LongestValue ? text : text[..LongestValue] + "…";
    }

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
