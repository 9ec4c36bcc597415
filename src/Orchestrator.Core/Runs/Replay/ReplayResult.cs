using System.Collections.Immutable;

namespace Orchestrator.Core.Runs.Replay;

/// <summary>What came of deciding a run's whole history once more.</summary>
/// <param name="Events">Events of the record.</param>
/// <param name="Steps">What reached the run, in order, up to the first difference.</param>
/// <param name="Difference">The first event that is decided otherwise today; null when there is none.</param>
public sealed record ReplayResult(int Events, ImmutableArray<ReplayStep> Steps, ReplayDifference? Difference)
{
    /// <summary>Every decision is the recorded one.</summary>
    public bool IsEqual => Difference is null;
}

/// <summary>One input and the events that answered it.</summary>
/// <param name="FirstSeq">Seq of the first of them.</param>
/// <param name="LastSeq">Seq of the last of them; less than the first where the first is the difference.</param>
/// <param name="Time">When it was decided.</param>
/// <param name="Input">What reached the run, in a few words.</param>
public sealed record ReplayStep(long FirstSeq, long LastSeq, DateTimeOffset Time, string Input);

/// <summary>An event that is decided otherwise than the record says.</summary>
/// <param name="Seq">Its seq.</param>
/// <param name="Expected">What is decided; null: nothing.</param>
/// <param name="Found">What is recorded; null: the record ends before it.</param>
/// <param name="Fields">Which fields differ, as JSON values; empty where one of the two events is missing.</param>
public sealed record ReplayDifference(long Seq, RecordedEvent? Expected, RecordedEvent? Found, ImmutableArray<FieldDifference> Fields)
{
    /// <summary>The difference in a sentence.</summary>
    public override string ToString() => (Expected, Found) switch
    {
        (null, { } found) => $"Event {Seq}: recorded {Describe(found)}, replay decides nothing.",
        ({ } expected, null) => $"Event {Seq}: recorded nothing, replay decides {Describe(expected)}.",
        ({ } expected, { } found) when Describe(expected) != Describe(found) => $"Event {Seq}: recorded {Describe(found)}, replay decides {Describe(expected)}.",
        ({ } expected, _) => $"Event {Seq}, {Describe(expected)}: {string.Join("; ", Fields.Select(f => $"{f.Name}: recorded {f.Found ?? "missing"}, replay decides {f.Expected ?? "none"}"))}.",
        _ => $"Event {Seq}.",
    };

    private static string Describe(RecordedEvent recorded) => recorded.Event switch
    {
        TaskEvent { Attempt: > 0 } e => $"{e.Type} of {e.Task}, attempt {e.Attempt}",
        TaskEvent e => $"{e.Type} of {e.Task}",
        StageEvent e => $"{e.Type} of {e.StageName}",
        var e => e.Type,
    };
}

/// <summary>A field with two values.</summary>
/// <param name="Name">As the journal spells it.</param>
/// <param name="Expected">The decided value as JSON; null where there is none.</param>
/// <param name="Found">The recorded value as JSON; null where there is none.</param>
public sealed record FieldDifference(string Name, string? Expected, string? Found);
