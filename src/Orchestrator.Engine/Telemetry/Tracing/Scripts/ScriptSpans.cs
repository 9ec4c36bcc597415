using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing.Scripts;

/// <summary>What the script of an attempt noted, as spans and as moments of its process.</summary>
internal sealed record NotedByScript(IReadOnlyList<SpanFacts> Spans, IReadOnlyList<ActivityEvent> Moments)
{
    public static readonly NotedByScript Nothing = new([], []);
}

/// <summary>Makes spans of the lines that scripts left in their run's folder.</summary>
/// <param name="runDirectory">The run's folder; null: scripts are not looked for.</param>
/// <param name="hasSecrets">Whether tasks of the run may know secrets.</param>
internal sealed class ScriptSpans(RunId run, string? runDirectory, bool hasSecrets)
{
    private const int MaxSpans = 1000, MaxMoments = 128, MaxAttributes = 64, LongestText = 4096;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <param name="end">End of the attempt: what the script left open ends there.</param>
    /// <param name="lost">Its worker was lost: the secrets were not removed from the file.</param>
    public NotedByScript Of(AttemptClosed e, DateTimeOffset end, bool lost)
    {
        if (runDirectory is null || (lost && hasSecrets)) return NotedByScript.Nothing;
        var process = TraceIds.SpanId(run, TraceIds.Process, e.Task.ToString(), e.Attempt);
        var open = new Dictionary<string, Noted>(StringComparer.Ordinal);
        List<ActivityEvent>? loose = null;
        foreach (var line in ScriptSpanFile.Read(ScriptSpanFile.Of(runDirectory, e.Task, e.Attempt)))
            switch (line)
            {
                case { Op: ScriptSpanLine.Start, Id: { } id, Name: { Length: > 0 } } when IsId(id) && id != process && open.Count < MaxSpans:
                    open.TryAdd(id, new(line));
                    break;
                case { Op: ScriptSpanLine.End, Id: { } id } when open.TryGetValue(id, out var begun):
                    begun.End ??= line;
                    break;
                case { Op: ScriptSpanLine.Moment, Name: { Length: > 0 } name }:
                    var moments = line.Id is { } of && open.TryGetValue(of, out var within) ? within.Moments : loose ??= [];
                    if (moments.Count < MaxMoments) moments.Add(new(Bounded(name), line.Time, [.. Attributes(line)]));
                    break;
            }
        return open.Count == 0 && loose is null ? NotedByScript.Nothing
            : new([.. open.Select(s => Span(s.Key, s.Value, s.Value.Start.Parent is { } p && p != s.Key && open.ContainsKey(p) ? p : process, end))], loose ?? []);
    }

    private static SpanFacts Span(string id, Noted noted, string parent, DateTimeOffset end)
    {
        var span = new SpanFacts(Bounded(noted.Start.Name!), ActivityKind.Internal, id, parent, noted.Start.Time, noted.End?.Time ?? end)
        {
            Moments = noted.Moments,
            Error = noted.End is { Failed: true } failed ? Bounded(failed.Message ?? "the script says it failed") : null,
        };
        var attributes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var line in (ScriptSpanLine?[])[noted.Start, noted.End])
            foreach (var (name, value) in line is null ? [] : Attributes(line)) attributes[name] = value;
        if (span.Error is not null) attributes.TryAdd(TelemetryNames.ErrorType, Words.Of(FailureKind.Error));
        span.Tags.AddRange(attributes);
        return span.With(TelemetryNames.Unfinished, noted.End is null ? true : null);
    }

    private static IEnumerable<KeyValuePair<string, object?>> Attributes(ScriptSpanLine line) => (line.Attributes ?? []).Take(MaxAttributes)
        .Where(a => a.Key.Length is > 0 and <= 200).Select(a => KeyValuePair.Create(a.Key, (object?)(a.Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when a.Value.TryGetInt64(out var whole) => whole,
            JsonValueKind.Number => a.Value.GetDouble(),
            JsonValueKind.String => Bounded(a.Value.GetString()!),
            _ => Bounded(a.Value.GetRawText()),
        })));

    private static string Bounded(string text) => text.Length <= LongestText ? text : text[..LongestText];

    private static bool IsId(string id) => id.Length == 16 && !id.AsSpan().ContainsAnyExcept(Hex) && id.AsSpan().IndexOfAnyExcept('0') >= 0;

    private sealed class Noted(ScriptSpanLine start)
    {
        public ScriptSpanLine Start => start;
        public ScriptSpanLine? End { get; set; }
        public List<ActivityEvent> Moments { get; } = [];
    }
}
