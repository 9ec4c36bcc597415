namespace Orchestrator.Core;

/// <summary>Ids that callers choose: they go into headers, logs and file names as they are.</summary>
public static class VisibleAscii
{
    /// <summary>Whether a text has one to so many characters, all of them ASCII that can be seen: no spaces, no control characters.</summary>
    public static bool Is(string text, int most) => text.Length > 0 && text.Length <= most && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
