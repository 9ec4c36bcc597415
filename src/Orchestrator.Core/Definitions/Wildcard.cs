namespace Orchestrator.Core.Definitions;

/// <summary>Patterns over names: <c>*</c> is any text, also none, and <c>?</c> is one character. Case matters.</summary>
public static class Wildcard
{
    /// <summary>Most characters of a pattern.</summary>
    public const int MaxLength = 200;

    /// <summary>Whether a pattern fits a whole text. Takes at most the product of their lengths.</summary>
    public static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (p, t, star, from) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, from) = (p++, t);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t])) (p, t) = (p + 1, t + 1);
            else if (star >= 0) (p, t) = (star + 1, ++from);   // the last star takes one character more
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
