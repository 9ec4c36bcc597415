using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization.Known;

/// <summary>
/// A line as <see cref="JournalCodec"/> writes it, fields in its order. Reading a history is mostly reading these; whatever looks different
/// in any way is left to the general reader, which also knows what to say about it.
/// </summary>
internal static class KnownLine
{
    /// <summary>The fields before <c>run_id</c>.</summary>
    public static bool TryHeader(scoped ref LineCursor at, out long seq, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> time, out ReadOnlySpan<byte> stream)
    {
        seq = 0;
        type = time = stream = default;
        return at.Skip("{\"seq\":"u8) && at.Whole(out seq) && at.Skip(",\"type\":\""u8) && at.Text(out type)
            && at.Skip(",\"time\":\""u8) && at.Text(out time) && at.Skip(",\"stream\":\""u8) && at.Text(out stream);
    }

    /// <summary>The event, if its data holds nothing unusual.</summary>
    /// <param name="known">The stream the line is known to belong to; null: it is read.</param>
    public static RecordedEvent? TryRead(ReadOnlySpan<byte> line, StreamId? known)
    {
        var at = new LineCursor(line);
        if (!TryHeader(ref at, out var seq, out var type, out var time, out var stream) || !InstantJson.TryParse(time, out var instant)) return null;
        if (at.Skip(",\"run_id\":\""u8) && !at.Text(out _)) return null;
        var version = at.Skip(",\"v\":2,"u8) ? 2 : at.Skip(",\"v\":1,"u8) ? 1 : 0;
        if (version == 0) return null;
        ReadOnlySpan<byte> task = default;
        var attempt = 0;
        if (at.Skip("\"task\":\""u8) && !(at.Text(out task) && at.Skip(","u8))) return null;
        if (at.Skip("\"attempt\":"u8) && !(at.Whole(out attempt) && at.Skip(","u8))) return null;
        if (!at.Skip("\"data\":{"u8)) return null;
        var e = KnownEvents.TryRead(type, ref at, task, attempt);
        if (e is null || !at.Skip(",\"b\":"u8)) return null;
        return new(known ?? new(KnownTexts.Of(stream)), seq, instant, Upcast.From(version, e));
    }
}
