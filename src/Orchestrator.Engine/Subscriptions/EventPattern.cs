using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Subscriptions;

/// <summary>Types of events, by wildcard: <c>*</c> is any text, dots too, <c>?</c> one character. <c>*.failed</c> fits tasks, stages and runs.</summary>
internal sealed class EventPattern
{
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);   // there are a few dozen types

    /// <exception cref="ArgumentException">The pattern is empty or holds what no type of an event has.</exception>
    public EventPattern(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (text.FirstOrDefault(c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '*' or '?')) is var bad and not '\0')
            throw new ArgumentException($"'{text}' matches no event because of '{bad}': use lower-case letters, dots, `*` and `?`, as in `task.*` or `*.failed`.", nameof(text));
        Text = text;
    }

    public string Text { get; }

    /// <summary>For one thread at a time.</summary>
    public bool Fits(string type)
    {
        if (_known.TryGetValue(type, out var fits)) return fits;
        return _known[type] = Wildcard.Fits(Text, type);
    }
}
