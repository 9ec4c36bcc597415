using System.Collections.Concurrent;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Streams of which a reader found a line that is whole and yet no event of this program's: written by another version, or by a fault. Such a line costs
/// its own stream what follows it, and no other stream anything. The first line of each stream is kept, of a bounded number of streams.
/// </summary>
/// <param name="onNew">Hears of each stream once.</param>
internal sealed class UnreadableLines(Action<JournalCorruptException>? onNew = null)
{
    private const int MaxStreams = 1_000;
    private readonly ConcurrentDictionary<StreamId, JournalCorruptException> _found = new();

    public IReadOnlyCollection<JournalCorruptException> All => _found.IsEmpty ? [] : [.. _found.Values];

    public JournalCorruptException? Of(StreamId stream) => _found.GetValueOrDefault(stream);

    /// <summary>Takes note of a line.</summary>
    /// <param name="stream">The stream it belongs to.</param>
    /// <param name="file">The segment or archive.</param>
    /// <param name="offset">Where in it the line begins.</param>
    /// <param name="why">What the reader says.</param>
    public void Note(StreamId stream, string file, long offset, JournalFormatException why)
    {
        if (_found.Count >= MaxStreams) return;
        var damage = At(stream, file, offset, why);
        if (_found.TryAdd(stream, damage)) onNew?.Invoke(damage);
    }

    public static JournalCorruptException At(StreamId stream, string file, long offset, JournalFormatException why) => new(
        file, offset, $"an event of {stream} cannot be read. {why.Message.TrimEnd('.')}",
        "Only this stream is affected. Use the version of the program that wrote it, or restore the file from a backup.");
}
