using Microsoft.Extensions.Primitives;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Queries;

namespace Orchestrator.AspNetCore.Runs;

/// <summary>The query of a list of runs.</summary>
internal static class RunQuery
{
    /// <summary>What it takes.</summary>
    public static string[] Keys { get; } = ["workflow", "status", "tenant", "trigger", "schedule", "label", "since", "until", "limit", "cursor"];

    private const int MaxRows = 500;
    private const int UsualRows = 50;

    /// <summary>The filter that a query asks for, and what is wrong with it.</summary>
    public static (RunFilter Filter, IReadOnlyList<string> Problems) Read(IQueryCollection query, DateTimeOffset now)
    {
        var problems = new List<string>();
        var filter = new RunFilter(Word<RunStatus>("status"), Text("workflow"), Limit(), Cursor())
        {
            Tenant = Text("tenant"), Trigger = Word<TriggerKind>("trigger"), Schedule = Text("schedule"),
            Since = Instant("since"), Until = Instant("until"), Labels = Labels(),
        };
        if (filter is { Since: { } from, Until: { } to } && from >= to) problems.Add("since is not before until.");
        return (filter, problems);

        string? Text(string key) => query.TryGetValue(key, out var value) ? value.ToString() : null;

        TEnum? Word<TEnum>(string key) where TEnum : struct, Enum
        {
            if (Text(key) is not { } word) return null;
            if (Words.TryParse<TEnum>(word, out var known)) return known;
            problems.Add($"{key} must be one of {string.Join(", ", Words.All<TEnum>())}, was '{word}'.");
            return null;
        }

        DateTimeOffset? Instant(string key)
        {
            if (Text(key) is not { } text) return null;
            if (PastInstant.TryRead(text, now, out var instant)) return instant;
            problems.Add($"{key} must be {PastInstant.Help}, was '{text}'.");
            return null;
        }

        int Limit()
        {
            if (Text("limit") is not { } text) return UsualRows;
            if (int.TryParse(text, out var rows) && rows is >= 1 and <= MaxRows) return rows;
            problems.Add($"limit must be a whole number from 1 to {MaxRows}, was '{text}'.");
            return UsualRows;
        }

        RunId? Cursor()
        {
            if (Text("cursor") is not { } text) return null;
            if (RunId.TryParse(text, out var before)) return before;
            problems.Add("cursor must be the next_cursor of an earlier page.");
            return null;
        }

        List<KeyValuePair<string, string>> Labels()
        {
            var labels = new List<KeyValuePair<string, string>>();
            foreach (var label in query.TryGetValue("label", out var given) ? given : StringValues.Empty)
                if (label?.Split('=', 2) is [{ Length: > 0 } key, var value]) labels.Add(new(key, value));
                else problems.Add($"label must be KEY=VALUE, was '{label}'.");
            return labels;
        }
    }
}
