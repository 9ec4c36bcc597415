using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads a `retry` block.</summary>
internal static class RetryReader
{
    private const int MaxAttempts = 10_000;

    /// <summary>The policy; null where there is no block. An empty block is the default policy.</summary>
    public static RetryPolicy? Read(Fields owner)
    {
        if (owner["retry"] is not { } node) return null;
        if (node.IsEmpty) return new();
        if (node is not SourceMap map)
        {
            owner.Wrong(node, "retry", "a map such as {max_attempts: 3}");
            return null;
        }
        var fields = new Fields(map, Vocabulary.Retry, "`retry`", owner.Problems);
        if (fields.Has("max_attempts") && fields.Has("retries"))
            owner.Problems.Add(ProblemCodes.Conflict, fields.At("retries"), "`retry` has both `max_attempts` and `retries`.",
                "Keep one: `max_attempts` counts all attempts, `retries` those after the first.");

        var plain = new RetryPolicy();
        var policy = plain with
        {
            MaxAttempts = fields.Whole("max_attempts", 1, MaxAttempts) ?? (fields.Whole("retries", 0, MaxAttempts - 1) + 1) ?? plain.MaxAttempts,
            InitialDelay = fields.Duration("initial_delay", TimeSpan.Zero, TimeSpan.FromDays(30)) ?? plain.InitialDelay,
            Backoff = fields.Number("backoff", 1, 100) ?? plain.Backoff,
            MaxDelay = fields.Duration("max_delay", TimeSpan.Zero, TimeSpan.FromDays(30)) ?? plain.MaxDelay,
            Jitter = fields.Flag("jitter") ?? plain.Jitter,
        };
        if (policy.InitialDelay > policy.MaxDelay)
            owner.Problems.Add(ProblemCodes.BadValue, fields.Has("initial_delay") ? fields.At("initial_delay") : fields.At("max_delay"),
                $"`initial_delay` ({DurationText.Format(policy.InitialDelay)}) is longer than `max_delay` ({DurationText.Format(policy.MaxDelay)}).",
                "Raise `max_delay`.");
        return On(fields, policy);
    }

    private static RetryPolicy On(Fields retry, RetryPolicy policy)
    {
        if (retry["on"] is not { IsEmpty: false } node) return policy;
        if (node is not SourceMap map)
        {
            retry.Wrong(node, "retry.on", "a map such as {exit_codes: [75]}");
            return policy;
        }
        var on = new Fields(map, Vocabulary.RetryOn, "`retry.on`", retry.Problems);
        return policy with
        {
            OnExitCodes = Numbers(on, "exit_codes", 1, 255, "Use 1 to 255; 0 is success."),
            OnHttpStatus = Numbers(on, "http_status", 100, 599, "Use 100 to 599."),
            OnSqlState = SqlStates(on),
            OnKinds = Kinds(on),
        };
    }

    /// <summary>A sorted list of small numbers.</summary>
    public static ImmutableArray<int> Numbers(Fields on, string key, int min, int max, string remedy)
    {
        var codes = new SortedSet<int>();
        foreach (var item in on.Items(key, "a list of numbers"))
        {
            if (item is SourceScalar { Form: not ScalarForm.Quoted } scalar
                && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code >= min && code <= max) codes.Add(code);
            else on.Problems.Add(ProblemCodes.BadValue, item.Span, $"{(on.Owner == "`retry.on`" ? $"`retry.on.{key}`" : $"`{key}`")} holds {item.Found}.", remedy);
        }
        return [.. codes];
    }

    private static ImmutableArray<string> SqlStates(Fields on)
    {
        var states = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var text in on.Texts("sql_state"))
            if (text.Text.Length is 2 or 5 && text.Text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c))) states.Add(text.Text);
            else on.Problems.Add(ProblemCodes.BadValue, text.Span, $"`retry.on.sql_state` holds {text.Found}.", "Write a SQLSTATE such as \"40001\", or its class of two characters such as \"08\".");
        return [.. states];
    }

    private static ImmutableArray<FailureKind> Kinds(Fields on)
    {
        var kinds = new SortedSet<FailureKind>();
        foreach (var text in on.Texts("kinds"))
            if (on.WordOf<FailureKind>(text, "retry.on.kinds") is { } kind) kinds.Add(kind);
        return [.. kinds];
    }
}
