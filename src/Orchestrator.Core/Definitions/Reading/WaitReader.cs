using System.Globalization;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `wait`: a duration alone, or a map with one of `for`, `until`, `event` and `poll`.</summary>
internal static class WaitReader
{
    private static readonly string[] s_kinds = ["for", "until", "event", "poll"];
    private static readonly string[] s_instants =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <param name="check">Reads what a poll repeats.</param>
    public static TaskAction? Read(Fields owner, Draft draft, int index, Func<Fields, TaskAction?> check)
    {
        if (owner["wait"] is SourceScalar) return For(owner, "wait", draft, index) is { } time ? new WaitAction { For = time } : null;
        if (owner.Map("wait", Vocabulary.Wait, "a duration or a map such as {until: \"2026-12-24T18:00Z\"}") is not { } fields) return null;
        return fields.OnlyOne(s_kinds, "`wait` waits for nothing.") switch
        {
            "for" => For(fields, "for", draft, index) is { } time ? new WaitAction { For = time } : null,
            "until" => Until(fields, draft, index) is { } until ? new WaitAction { Until = until } : null,
            "event" => Event(fields) is { } name ? new WaitAction { Event = name } : null,
            "poll" => Poll(fields, draft, index, check) is { } poll ? new WaitAction { Poll = poll } : null,
            _ => null,
        };
    }

    // A literal is written in one spelling, so that equal waits make equal versions.
    private static string? For(Fields fields, string key, Draft draft, int index)
    {
        if (draft.Given(fields, key, ExpressionPlace.Decided, index) is not { } text) return null;
        if (text.Contains("${{", StringComparison.Ordinal)) return text;
        return fields.Duration(key, TimeSpan.Zero, WorkflowReader.LongestRun) is { } time ? DurationText.Format(time) : null;
    }

    private static string? Until(Fields fields, Draft draft, int index)
    {
        if (draft.Given(fields, "until", ExpressionPlace.Decided, index) is not { } text) return null;
        if (text.Contains("${{", StringComparison.Ordinal) || DateTimeOffset.TryParseExact(text, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)) return text;
        fields.Problems.Add(ProblemCodes.BadValue, fields.At("until"), $"`until` is `{SourceScalar.Shorten(text)}`, which is not an instant.",
            "Write ISO 8601: 2026-12-24T18:00:00Z or with an offset such as +02:00; without one it is UTC.");
        return null;
    }

    private static string? Event(Fields fields)
    {
        if (fields.Required("event") is not { } name || Names.IsName(name)) return fields.Text("event");
        fields.Problems.Add(ProblemCodes.BadValue, fields.At("event"), $"`event` is `{SourceScalar.Shorten(name)}`, which is not the name of an event.", Names.NameRule);
        return null;
    }

    private static PollDefinition? Poll(Fields wait, Draft draft, int index, Func<Fields, TaskAction?> read)
    {
        if (wait.Map("poll", Vocabulary.Poll, "a map such as {http: https://host/ready, interval: 10s}") is not { } fields) return null;
        var plain = new PollDefinition { Check = new NoopAction() };
        var check = read(fields);
        if (fields.Has("if") && fields.Has("condition"))
            fields.Problems.Add(ProblemCodes.Conflict, fields.At("condition"), "`poll` has both `if` and `condition`.", "They mean the same: keep one.");
        var interval = fields.Duration("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(30)) ?? plain.Interval;
        var longest = fields.Duration("max_interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(30));
        if (longest < interval)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("max_interval"),
                $"`max_interval` ({DurationText.Format(longest.Value)}) is shorter than `interval` ({DurationText.Format(interval)}).", "Raise it or leave it out.");
        return check is null ? null : new()
        {
            Check = check,
            Condition = draft.Condition(fields, fields.Has("if") ? "if" : "condition", ExpressionPlace.PollCondition, index),
            Interval = interval,
            Backoff = fields.Number("backoff", 1, 100) ?? plain.Backoff,
            MaxInterval = longest ?? (interval > plain.MaxInterval ? interval : plain.MaxInterval),
        };
    }
}
