using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// Writes envelopes as lines of JSON, members without a value as null, so every line has the same ones. Most of a line is the same for every event of a
/// run: that is kept as bytes. Not for two threads at once.
/// </summary>
internal sealed class EnvelopeJson
{
    private const int MaxFrames = 1024;   // a kilobyte each
    private readonly Dictionary<string, byte[]> _types = new(StringComparer.Ordinal);
    private Dictionary<StreamId, EnvelopeFrame>? _others;
    private EnvelopeFrame? _last;

    /// <summary>Adds a line with the envelope and the stream it stands in.</summary>
    public void Write(ShapeLines lines, LifecycleEnvelope envelope, StreamId stream)
    {
        var frame = _last is { } last && last.Fits(envelope, stream) ? last : Frame(envelope, stream);
        var text = new JsonText(lines.Room(frame.Length + 1024 + JsonText.MaxOf(envelope.Stage) + JsonText.MaxOf(envelope.Module) + JsonText.MaxOf(envelope.CausationId)));
        text.Raw("{\"specversion\":\"1\",\"event_id\":\""u8);
        text.Id(envelope.EventId);
        text.Raw("\",\"seq\":"u8);
        text.Number(envelope.Seq);
        text.Raw(Type(envelope));
        text.Instant(envelope.Time);
        text.Raw("\""u8);
        text.Raw(frame.Source);
        text.Raw(",\"priority\":"u8);
        text.Number(envelope.Priority);
        text.Raw(",\"severity\":"u8);
        text.Quoted(Words.Of(envelope.Severity));
        text.Raw(frame.Correlation);
        text.Raw(",\"causation_id\":"u8);
        text.Quoted(envelope.CausationId);
        text.Raw(frame.Run);
        text.Raw(",\"stage\":"u8);
        text.Quoted(envelope.Stage);
        text.Raw(",\"task\":"u8);
        text.Quoted(envelope.Task?.ToString());
        text.Raw(",\"module\":"u8);
        text.Quoted(envelope.Module);
        text.Raw(",\"attempt\":"u8);
        if (envelope.Attempt is { } attempt) text.Number(attempt); else text.Raw("null"u8);
        text.Raw(frame.Owner);
        if (envelope.Trace is { } trace)
        {
            text.Raw(",\"trace\":{\"trace_id\":"u8);
            text.Quoted(trace.TraceId);
            text.Raw(",\"span_id\":"u8);
            text.Quoted(trace.SpanId);
            text.Raw("}"u8);
        }
        else text.Raw(",\"trace\":null"u8);
        text.Raw(frame.Producer);
        text.Raw(",\"data\":"u8);
        lines.Take(text.Length);
        EventPayload.Write(lines.Begin(), envelope.Data);
        lines.End("}"u8);
    }

    // Events of runs at the same time alternate.
    private EnvelopeFrame Frame(LifecycleEnvelope envelope, StreamId stream)
    {
        if (_last is { } last)
        {
            if ((_others ??= []).Count >= MaxFrames) _others.Clear();
            _others[last.Stream] = last;
        }
        return _last = _others?.GetValueOrDefault(stream) is { } other && other.Fits(envelope, stream) ? other : new(envelope, stream);
    }

    private byte[] Type(LifecycleEnvelope envelope) => _types.TryGetValue(envelope.Type, out var known) ? known : _types[envelope.Type] =
        [.. JsonMembers.Of(json =>
        {
            json.WriteString("type"u8, envelope.Type);
            json.WriteString("short_type"u8, envelope.ShortType);
            json.WriteString("version"u8, envelope.Version);
        }), .. ",\"time\":\""u8];
}
