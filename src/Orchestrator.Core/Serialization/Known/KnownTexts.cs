using System.Text;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Serialization.Known;

/// <summary>
/// Short texts that come again and again (task names, executors, programs), so that a million lines do not make a million copies of them. A
/// fixed number of places; a new text replaces the earlier one. Shared by all threads: a place is replaced whole.
/// </summary>
internal static class KnownTexts
{
    private const int Places = 4096;
    private const int Longest = 64;
    private static readonly Entry?[] Known = new Entry?[Places];

    public static string Of(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? "" : utf8.Length > Longest ? Encoding.UTF8.GetString(utf8) : Find(utf8).Text;

    /// <exception cref="FormatException">The text is not a task id.</exception>
    public static TaskId TaskOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Length > Longest) return new(Encoding.UTF8.GetString(utf8));
        var entry = Find(utf8);
        return entry.Task ??= new TaskId(entry.Text);
    }

    private static Entry Find(ReadOnlySpan<byte> utf8)
    {
        ref var place = ref Known[Crc32C.Of(utf8) % Places];
        if (place is { } known && utf8.SequenceEqual(known.Utf8)) return known;
        return place = new(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
    }

    private sealed class Entry(byte[] utf8, string text)
    {
        public byte[] Utf8 { get; } = utf8;

        public string Text { get; } = text;

        // The text, checked. Two threads may both check it: they get the same.
        public TaskId? Task { get; set; }
    }
}
