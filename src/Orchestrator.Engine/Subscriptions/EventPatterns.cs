using System.Collections.Immutable;

namespace Orchestrator.Engine.Subscriptions;

/// <summary>Several patterns of types of events, one of which is enough; none: every type. For one thread at a time.</summary>
internal sealed class EventPatterns
{
    private readonly ImmutableArray<EventPattern> _patterns;

    /// <exception cref="ArgumentException">A pattern is empty or holds what no type of an event has.</exception>
    public EventPatterns(IEnumerable<string> patterns) => _patterns = [.. patterns.Select(p => new EventPattern(p))];

    /// <summary>The patterns of a text, separated by commas; null is every type.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public static EventPatterns Read(string? text) => new(text is null ? [] : text.Split(',', StringSplitOptions.TrimEntries));

    public bool All => _patterns.IsEmpty;

    /// <summary>Whether every type fits, known and future ones.</summary>
    public bool FitEvery => All || _patterns.Any(p => p.Text == "*");

    public bool Fit(string type)
    {
        foreach (var pattern in _patterns)
            if (pattern.Fits(type)) return true;
        return All;
    }
}
