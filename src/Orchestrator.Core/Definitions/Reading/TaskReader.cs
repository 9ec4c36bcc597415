using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads one task. What needs the other tasks is left to <see cref="GraphRules"/>.</summary>
internal sealed class TaskReader(Draft draft, TaskDefaults? defaults)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    /// <summary>Longest timeout of an attempt: timers take at most 2^32 - 2 milliseconds, which is 49 days.</summary>
    public static readonly TimeSpan LongestAttempt = TimeSpan.FromDays(45);

    /// <summary>The task; null where it has no usable id.</summary>
    public TaskDefinition? Read(SourceNode node, int index)
    {
        if (node is not SourceMap map)
        {
            draft.Problems.Add(ProblemCodes.WrongType, node.Span, $"A task must be a map, not {node.Found}.", "Write `- id: name` and its keys below.");
            return null;
        }
        var id = map.Find("id") is SourceScalar { IsNothing: false } text && Names.IsTaskId(text.Text) ? text.Text : null;
        var fields = new Fields(map, Vocabulary.Task, id is null ? "a task" : $"task '{id}'", draft.Problems);
        if (id is null && fields.Required("id") is { } bad)
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("id"), $"`{SourceScalar.Shorten(bad)}` is not a task id.", Names.TaskIdRule);

        var task = new TaskDefinition
        {
            Id = new(id ?? "x"),
            Action = ActionReader.Read(fields, draft, index),
            Stage = fields.Text("stage"),
            DependsOn = DependsOn(fields),
            RunWhen = fields.Word<RunWhen>("run_when") ?? default,
            If = Condition(fields, index),
            Retry = RetryReader.Read(fields) ?? (fields.Has("retry") ? null : defaults?.Retry),
            Timeout = fields.Duration("timeout", s_shortest, LongestAttempt) ?? defaults?.Timeout,
            AllowFailure = fields.Flag("allow_failure") ?? false,
            Idempotent = fields.Flag("idempotent") ?? true,
            Env = Beneath(draft.Variables(fields, ExpressionPlace.TaskEnv, index)),
            WorkingDir = draft.Template(fields, "working_dir", ExpressionPlace.Task, index) ?? defaults?.WorkingDir,
            Outputs = fields.Word<OutputSource>("outputs") ?? default,
            Tags = [.. fields.Texts("tags").Select(t => t.Text)],
            Metadata = Metadata(fields),
            Span = map.Span,
        };
        return id is null ? null : task;
    }

    /// <summary>The texts of `depends_on` as written.</summary>
    public static IEnumerable<SourceScalar> Needs(SourceMap task) => task.Find("depends_on") switch
    {
        SourceScalar { IsEmpty: false } one => [one],
        SourceList list => list.Items.OfType<SourceScalar>(),
        _ => [],
    };

    private static ImmutableArray<TaskId> DependsOn(Fields fields)
    {
        if (!fields.Has("depends_on")) return [];
        var ids = ImmutableArray.CreateBuilder<TaskId>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in fields.Texts("depends_on", orSingle: true))
            if (TaskId.IsValid(text.Text) && seen.Add(text.Text)) ids.Add(new(text.Text));
        return ids.DrainToImmutable();
    }

    private string? Condition(Fields fields, int index)
    {
        if (fields["if"] is not { } node || fields.TextOf(node, "if") is not { } text) return null;
        draft.Embedded.Add(new(text, ExpressionPlace.Condition, index));
        return Conditions.Strip(text.Text, out var expression, out _) ? expression.ToString() : text.Text;
    }

    private ImmutableSortedDictionary<string, string> Beneath(ImmutableSortedDictionary<string, string> own) =>
        defaults is not { Env.IsEmpty: false } ? own : own.IsEmpty ? defaults.Env : defaults.Env.SetItems(own);

    private static ImmutableSortedDictionary<string, JsonElement> Metadata(Fields fields)
    {
        if (!fields.Has("metadata")) return ImmutableSortedDictionary<string, JsonElement>.Empty;
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("metadata")) metadata[entry.Key] = Json.Of(entry.Value);
        return metadata.ToImmutable();
    }
}
