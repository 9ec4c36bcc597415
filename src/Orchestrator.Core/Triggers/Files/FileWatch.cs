using System.Collections.Immutable;

namespace Orchestrator.Core.Triggers.Files;

/// <summary>
/// What is known of the files that a trigger looks for: those that need no run (any more), and since when the others have been as they are. Never changes; each step gives the next.
/// Pure: time is an argument, as time passed since any fixed moment.
/// </summary>
public sealed class FileWatch
{
    /// <summary>Most files that are remembered; those that are gone are forgotten first, in the order they came.</summary>
    public const int MaxKnown = 20_000;

    private readonly ImmutableHashSet<string> _known;
    private readonly ImmutableHashSet<string> _refused;
    private readonly ImmutableDictionary<string, TimeSpan> _since;

    private FileWatch(ImmutableList<string> order, ImmutableHashSet<string> known, ImmutableHashSet<string> refused, ImmutableDictionary<string, TimeSpan> since) =>
        (Known, _known, _refused, _since) = (order, known, refused, since);

    /// <summary>Files that need no run, by their fingerprints, in the order they came.</summary>
    public ImmutableList<string> Known { get; }

    /// <summary>A watch that knows these.</summary>
    public static FileWatch Of(IEnumerable<string> known)
    {
        var order = known.Distinct(StringComparer.Ordinal).ToImmutableList();
        return new(order, order.ToImmutableHashSet(StringComparer.Ordinal), [], ImmutableDictionary<string, TimeSpan>.Empty);
    }

    /// <summary>Takes a look into account.</summary>
    /// <param name="found">The files that are there.</param>
    /// <param name="stable">A file counts once it has been the same for so long.</param>
    /// <param name="now">The time.</param>
    public FileLook Look(IReadOnlyList<FoundFile> found, TimeSpan stable, TimeSpan now)
    {
        var (since, ripe, next) = (ImmutableDictionary.CreateBuilder<string, TimeSpan>(StringComparer.Ordinal), new List<FoundFile>(), (TimeSpan?)null);
        foreach (var file in found)
        {
            var print = file.Fingerprint;
            if (_known.Contains(print) || _refused.Contains(print)) continue;
            var first = _since.TryGetValue(print, out var before) && before <= now ? before : now;
            since[print] = first;
            if (first + stable <= now) ripe.Add(file);
            else if (!(next <= first + stable)) next = first + stable;
        }
        ripe.Sort(static (a, b) => a.ModifiedAt != b.ModifiedAt ? a.ModifiedAt.CompareTo(b.ModifiedAt) : string.CompareOrdinal(a.Path, b.Path));
        return new(new FileWatch(Known, _known, _refused, since.ToImmutable()).Forget(found), ripe, next);
    }

    /// <summary>A file has its run, or shares one with others.</summary>
    public FileWatch Took(FoundFile file) =>
        _known.Contains(file.Fingerprint) ? this : new(Known.Add(file.Fingerprint), _known.Add(file.Fingerprint), _refused, _since.Remove(file.Fingerprint));

    /// <summary>A file was refused: a watch that begins anew looks at it again.</summary>
    public FileWatch Refused(FoundFile file) => new(Known, _known, _refused.Add(file.Fingerprint), _since.Remove(file.Fingerprint));

    private FileWatch Forget(IReadOnlyList<FoundFile> found)
    {
        if (Known.Count <= MaxKnown) return this;
        var there = found.Select(f => f.Fingerprint).ToHashSet(StringComparer.Ordinal);
        var gone = Known.Where(k => !there.Contains(k)).Take(Known.Count - MaxKnown).ToHashSet(StringComparer.Ordinal);
        return new(Known.RemoveAll(gone.Contains), _known.Except(gone), _refused, _since);
    }
}

/// <summary>What a look has shown.</summary>
/// <param name="Watch">What is known now.</param>
/// <param name="Ripe">Files that count, those written first before the others.</param>
/// <param name="Next">When the next file can count; null: none waits for it.</param>
public sealed record FileLook(FileWatch Watch, IReadOnlyList<FoundFile> Ripe, TimeSpan? Next);
