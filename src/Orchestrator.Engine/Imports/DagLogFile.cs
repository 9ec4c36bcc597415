using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Statistics.Compatibility;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Imports;

/// <summary>A line that could not be read.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Problem">What is wrong, to follow "the line".</param>
public readonly record struct DamagedLine(long Number, string Problem);

/// <summary>Events of a log.</summary>
/// <param name="Events">The last ones, the most recent line first.</param>
/// <param name="DamagedLines">Lines that were skipped; blank lines are none.</param>
/// <param name="Damaged">The first of those.</param>
public sealed record DagLogEvents(ImmutableArray<DagLogEvent> Events, long DamagedLines, ImmutableArray<DamagedLine> Damaged);

/// <summary>Reads a log of a DAG runner, JSON lines, from a file of any length in bounded memory.</summary>
public static class DagLogFile
{
    /// <summary>Events that are loaded unless another number is asked for.</summary>
    public const int DefaultLimit = 5000;

    /// <summary>Most damaged lines that are named.</summary>
    public const int MaxNamed = 20;

    /// <summary>
    /// The last <paramref name="limit"/> events of a file, the most recent line first. A file that is missing has none; damaged lines are
    /// skipped and counted.
    /// </summary>
    /// <param name="path">The file; a folder, pipe or device counts as missing.</param>
    /// <param name="limit">At least 0.</param>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static DagLogEvents LoadEvents(string path, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        using var file = RegularFile.TryOpen(path, followLink: true);
        if (file is null) return new([], 0, []);
        var last = new Queue<DagLogEvent>();
        var scan = new DagLogScan();
        foreach (var e in scan.Events(new(file, RandomAccess.GetLength(file))))
        {
            last.Enqueue(e);
            if (last.Count > limit) last.Dequeue();
        }
        return new([.. last.Reverse()], scan.Damaged, scan.Named);
    }

    /// <summary>Every event of an open file, in the order of its lines.</summary>
    internal static IEnumerable<DagLogEvent> Events(SafeFileHandle file) => new DagLogScan().Events(new(file, RandomAccess.GetLength(file)));
}

/// <summary>One reading of a log, with what it met on the way.</summary>
internal sealed class DagLogScan
{
    private readonly ImmutableArray<DamagedLine>.Builder _named = ImmutableArray.CreateBuilder<DamagedLine>();

    /// <summary>Lines with something on them.</summary>
    public long Lines { get; private set; }

    /// <summary>Lines that could not be read.</summary>
    public long Damaged { get; private set; }

    /// <summary>The first of them.</summary>
    public ImmutableArray<DamagedLine> Named => _named.ToImmutable();

    /// <summary>Time of the earliest event that has one.</summary>
    public DateTimeOffset? FirstAt { get; private set; }

    /// <summary>Time of the latest.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    public IEnumerable<DagLogEvent> Events(LogLineReader lines)
    {
        while (lines.MoveNext())
        {
            if (lines.IsBlank) continue;
            Lines++;
            if (!DagLogReader.TryRead(lines.Line.Span, out var e, out var problem))
            {
                Damaged++;
                if (_named.Count < DagLogFile.MaxNamed) _named.Add(new(lines.Number, problem!));
                continue;
            }
            if (e!.Timestamp is { } at)
            {
                if (FirstAt is null || at < FirstAt) FirstAt = at;
                if (LastAt is null || at > LastAt) LastAt = at;
            }
            yield return e;
        }
    }
}
